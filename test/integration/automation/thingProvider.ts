import { join } from "node:path";

const packages = join(__dirname, "../../../node_modules");

/**
 * An executable that serves `aws:…` types whose resources are files of a folder, named like them. While the folder has
 * a file `hang`, a resource is made and its making never reported: there an update can be killed.
 */
export const thingProvider = (folder: string): string => `#!/usr/bin/env node
const fs = require("node:fs");
const { join } = require("node:path");
const packages = ${JSON.stringify(packages)};
const grpc = require(join(packages, "@grpc/grpc-js"));
const { Empty } = require(join(packages, "google-protobuf/google/protobuf/empty_pb"));
const { PluginInfo } = require(join(packages, "@pulumi/pulumi/proto/plugin_pb"));
const { ResourceProviderService } = require(join(packages, "@pulumi/pulumi/proto/provider_grpc_pb"));
const proto = require(join(packages, "@pulumi/pulumi/proto/provider_pb"));

const file = (name) => join(${JSON.stringify(folder)}, name);
const made = (Message, values) => {
  const message = new Message();
  for (const [name, value] of Object.entries(values)) message["set" + name](value);
  return message;
};
const answering = (work) => (call, done) => {
  try {
    const answer = work(call.request);
    if (answer !== undefined) done(null, answer);
  } catch (error) {
    done({ code: grpc.status.UNKNOWN, message: error.message });
  }
};
const check = answering((request) => made(proto.CheckResponse, { Inputs: request.getNews() }));
const same = answering(() => made(proto.DiffResponse, { Changes: proto.DiffResponse.DiffChanges.DIFF_NONE }));
const server = new grpc.Server();
server.addService(ResourceProviderService, {
  getPluginInfo: answering(() => made(PluginInfo, { Version: "7.48.0" })),
  configure: answering(() => made(proto.ConfigureResponse, { Supportspreview: true })),
  checkConfig: check,
  diffConfig: same,
  check,
  diff: same,
  create: answering((request) => {
    const name = request.getUrn().split("::").pop();
    if (request.getPreview()) return made(proto.CreateResponse, { Id: "", Properties: request.getProperties() });
    if (fs.existsSync(file(name))) throw new Error(name + " already exists");
    fs.writeFileSync(file(name), "");
    if (fs.existsSync(file("hang"))) return undefined;
    return made(proto.CreateResponse, { Id: name, Properties: request.getProperties() });
  }),
  read: answering((request) =>
    fs.existsSync(file(request.getId()))
      ? made(proto.ReadResponse, { Id: request.getId(), Inputs: request.getInputs(), Properties: request.getProperties() })
      : new proto.ReadResponse(),
  ),
  delete: answering((request) => {
    fs.rmSync(file(request.getId()));
    return new Empty();
  }),
  cancel: answering(() => new Empty()),
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
process.on("SIGINT", () => process.exit(0));
const engine = process.ppid;
setInterval(() => process.ppid === engine || process.exit(0), 100);
`;
