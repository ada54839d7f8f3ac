import * as aws from "@pulumi/aws";
import { Vpc } from "@pulumi/awsx/ec2";
import * as pulumi from "@pulumi/pulumi";
import { arn, type Place } from "./naming";
import { allow, type PolicyStatement } from "./policies";

export interface BuildNetworkArgs {
  readonly place: Place;
}

/**
 * A network of the builds' own: private subnets in two zones, one NAT gateway (builds need the package registry and
 * AWS's endpoints), and a security group that lets nothing in. Without it builds run in CodeBuild's own network.
 */
export class BuildNetwork extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly subnetIds: pulumi.Output<string[]>;
  readonly securityGroupId: pulumi.Output<string>;
  private readonly place: Place;

  constructor(name: string, args: BuildNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:BuildNetwork", name, {}, opts);
    this.place = args.place;

    const vpc = new Vpc(
      `${name}-vpc`,
      {
        numberOfAvailabilityZones: 2,
        natGateways: { strategy: "Single" },
        enableDnsHostnames: true,
        subnetStrategy: "Auto",
      },
      { parent: this },
    );
    const group = new aws.ec2.SecurityGroup(
      `${name}-builds`,
      {
        vpcId: vpc.vpcId,
        description: "Builds of the delivery pipeline: nothing in, everything out",
        ingress: [],
        egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }],
      },
      { parent: this },
    );

    this.vpcId = vpc.vpcId;
    this.subnetIds = vpc.privateSubnetIds;
    this.securityGroupId = group.id;
    this.registerOutputs({ vpcId: this.vpcId, subnetIds: this.subnetIds, securityGroupId: this.securityGroupId });
  }

  /** Where a project runs its builds. */
  vpcConfig(): aws.types.input.codebuild.ProjectVpcConfig {
    return { vpcId: this.vpcId, subnets: this.subnetIds, securityGroupIds: [this.securityGroupId] };
  }

  /** What a project's role needs to run builds here (CodeBuild user guide, "VPC network interface" policy). */
  builderStatements(): PolicyStatement[] {
    const { place } = this;
    const interfaces = arn(place, "ec2", "network-interface/*");
    const subnets = this.subnetIds.apply((ids) => ids.map((id) => arn(place, "ec2", `subnet/${id}`)));
    const group = this.securityGroupId.apply((id) => arn(place, "ec2", `security-group/${id}`));
    return [
      // "*": AWS knows no resources of the Describe actions.
      allow(
        [
          "ec2:DescribeDhcpOptions",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeSubnets",
          "ec2:DescribeVpcs",
        ],
        ["*"],
      ),
      // AWS asks for all three: the interface that is made, where it is made, and who guards it.
      allow(
        ["ec2:CreateNetworkInterface"],
        pulumi.all([subnets, group]).apply(([inSubnets, behind]) => [interfaces, ...inSubnets, behind]),
      ),
      allow(["ec2:DeleteNetworkInterface"], [interfaces]),
      allow(["ec2:CreateNetworkInterfacePermission"], [interfaces], {
        StringEquals: { "ec2:AuthorizedService": "codebuild.amazonaws.com" },
        ArnEquals: { "ec2:Subnet": subnets },
      }),
    ];
  }
}
