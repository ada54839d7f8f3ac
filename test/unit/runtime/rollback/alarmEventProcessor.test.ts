import { beforeEach, describe, expect, it } from "@jest/globals";
import { AlarmEventProcessor } from "../../../../runtime/rollback/alarmEventProcessor";
import { PREFIX, World } from "../../../property/runtime/rollback/world";
import { beginning } from "../../../property/runtime/rollback/happenings";
import { BAD } from "../../../property/runtime/rollback/world";
import { told } from "./support/bench";

let world: World;
beforeEach(async () => {
  world = await beginning(new World(), "baking", false);
  world.now += 1_000;
});
const processed = (name: string, environment: "staging" | "production" = "production") =>
  new AlarmEventProcessor(world.desk()).processAlarmEvent({
    environment,
    alarm: { name, state: "ALARM", since: world.now },
  });

describe("processAlarmEvent", () => {
  it("takes the deployment back that is to blame", async () => {
    expect(await processed(`${PREFIX.production}failed-jobs`)).toMatchObject({
      environment: "production",
      decision: { kind: "roll-back", cause: "alarm", record: { version: BAD } },
      run: { kind: "waiting" },
    });
    expect(told(world, "production").map(({ event }) => event)).toEqual(["rollback_initiated"]);
  });

  it.each(["billing", `${PREFIX.staging}failed-jobs`, PREFIX.production.slice(0, -1)])(
    "ignores %s in production: it has not the prefix",
    async (name) => {
      const before = world.digest();
      expect(await processed(name)).toMatchObject({
        decision: { kind: "ignore", because: `${name} is no alarm of this environment (${PREFIX.production}…)` },
      });
      expect(world.digest()).toBe(before);
    },
  );

  it("ignores the alarm of an environment without a deployment", async () => {
    const empty = new World();
    const processor = new AlarmEventProcessor(empty.desk());
    const alarm = { name: `${PREFIX.staging}failed-jobs`, state: "ALARM", since: empty.now } as const;
    expect(await processor.processAlarmEvent({ environment: "staging", alarm })).toMatchObject({
      decision: { kind: "ignore", because: "nothing was deployed here that an alarm could be blamed on" },
    });
  });
});
