/** What a worker job runs: `JOB` is the description as JSON, `RELEASE_VERSION` is set by the job's buildspec. */
import { runJob } from "./runJob";

process.exitCode = runJob(process.env["JOB"], process.env["RELEASE_VERSION"], (line) => console.log(line));
