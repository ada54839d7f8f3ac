import { beforeEach, describe, expect, it } from "@jest/globals";
import { BuildNetwork } from "../../../components/buildNetwork";
import { policyJson } from "../../../components/policies";
import { place, recordResources, settled, statements, type Recorded } from "./recording";

let resources: Recorded[];
beforeEach(async () => {
  resources = await recordResources();
});

describe("BuildNetwork", () => {
  it("is a VPC with one NAT gateway and a group that lets nothing in", async () => {
    const network = new BuildNetwork("builds", { place });
    await settled(network.securityGroupId);

    expect(resources.map(({ type, name }) => `${type} ${name}`)).toEqual([
      "kiro:pipeline:BuildNetwork builds",
      "awsx:ec2:Vpc builds-vpc",
      "aws:ec2/securityGroup:SecurityGroup builds-builds",
    ]);
    const inputsOf = (name: string) => resources.find((resource) => resource.name === name)?.inputs;
    expect(inputsOf("builds-vpc")).toMatchObject({ numberOfAvailabilityZones: 2, natGateways: { strategy: "Single" } });
    expect(inputsOf("builds-builds")).toMatchObject({ ingress: [] });
  });

  it("lets a project's builds have interfaces in its own subnets, through CodeBuild alone", async () => {
    const network = new BuildNetwork("builds", { place });
    const policy = statements(await settled(policyJson(network.builderStatements())));
    const inPlace = (resource: string): string => `arn:aws:ec2:eu-west-1:111111111111:${resource}`;
    expect(policy.slice(1, 3)).toEqual([
      {
        Effect: "Allow",
        Action: ["ec2:CreateNetworkInterface"],
        Resource: [
          inPlace("network-interface/*"),
          inPlace("subnet/subnet-1"),
          inPlace("security-group/builds-builds-id"),
        ],
      },
      { Effect: "Allow", Action: ["ec2:DeleteNetworkInterface"], Resource: [inPlace("network-interface/*")] },
    ]);
    expect(policy.at(-1)).toEqual({
      Effect: "Allow",
      Action: ["ec2:CreateNetworkInterfacePermission"],
      Resource: [inPlace("network-interface/*")],
      Condition: {
        StringEquals: { "ec2:AuthorizedService": "codebuild.amazonaws.com" },
        ArnEquals: { "ec2:Subnet": [inPlace("subnet/subnet-1")] },
      },
    });
  });
});
