import * as aws from "@pulumi/aws";
import { Vpc } from "@pulumi/awsx/ec2";
import * as pulumi from "@pulumi/pulumi";

export interface BuildNetworkArgs {
  readonly region: string;
  readonly accountId: string;
}

/**
 * A network of the builds' own: private subnets in two zones, one NAT gateway (builds need the package registry and AWS's
 * endpoints), and a security group that lets nothing in. Used when `buildsInVpc` is set; without it CodeBuild's own
 * network serves.
 */
export class BuildNetwork extends pulumi.ComponentResource {
  readonly vpcConfig: {
    vpcId: pulumi.Output<string>;
    subnets: pulumi.Output<string[]>;
    securityGroupIds: pulumi.Output<string>[];
  };
  private readonly args: BuildNetworkArgs;

  constructor(name: string, args: BuildNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:BuildNetwork", name, {}, opts);
    this.args = args;

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

    this.vpcConfig = { vpcId: vpc.vpcId, subnets: vpc.privateSubnetIds, securityGroupIds: [group.id] };
    this.registerOutputs({ vpcId: vpc.vpcId });
  }

  /**
   * What a project's role needs to run its builds in these subnets.
   * Source: "Allow CodeBuild access to AWS services required to create a VPC network interface", CodeBuild user guide.
   */
  builderStatements(): pulumi.Output<aws.iam.PolicyStatement[]> {
    const { region, accountId } = this.args;
    return this.vpcConfig.subnets.apply((subnets): aws.iam.PolicyStatement[] => [
      {
        Effect: "Allow",
        Action: [
          "ec2:CreateNetworkInterface",
          "ec2:DescribeDhcpOptions",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DeleteNetworkInterface",
          "ec2:DescribeSubnets",
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeVpcs",
        ],
        // The Describe actions have no resource-level permissions, and the interface has no ARN before it exists.
        Resource: "*",
      },
      {
        Effect: "Allow",
        Action: ["ec2:CreateNetworkInterfacePermission"],
        Resource: `arn:aws:ec2:${region}:${accountId}:network-interface/*`,
        Condition: {
          StringEquals: { "ec2:AuthorizedService": "codebuild.amazonaws.com" },
          ArnEquals: { "ec2:Subnet": subnets.map((subnet) => `arn:aws:ec2:${region}:${accountId}:subnet/${subnet}`) },
        },
      },
    ]);
  }
}
