import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { builtCode } from "./builtCode";
import { DeadLetterQueue } from "./deadLetterQueue";
import type { Foundation } from "./foundation";
import { ALARM_ROLES, arn, RULE_ROLES } from "./naming";
import { alarmSpecs } from "./pipelineMetrics";
import { policyToDeclare, serviceTrust } from "./policies";
import { rollbackRules, type RollbackRule } from "./rollbackRules";
import { rollbackStatements, type RollbackReach } from "./rollbackRights";
import { rollbackVariables, type RollbackVariablesArgs } from "./rollbackVariables";

export interface RollbackArgs extends RollbackReach, RollbackVariablesArgs {
  readonly foundation: RollbackReach["foundation"] & Pick<Foundation, "rollbackLogGroupName">;
  readonly notifications: RollbackReach["notifications"];
  /** Folder with `index.js` and `index.js.map`, as the build leaves them; relative to the program's folder. */
  readonly codeFolder: string;
}

/** The most that Lambda allows, in seconds. */
const TIMEOUT_SECONDS = 900;

/** Of an event that EventBridge cannot hand over; after that it is a dead letter. */
const DELIVERY = { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 3600 };

/** Takes bad releases back: the function, what makes it act, and what tells a person that it cannot. */
export class Rollback extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;
  readonly functionArn: pulumi.Output<string>;
  readonly queueUrl: pulumi.Output<string>;

  constructor(name: string, args: RollbackArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:Rollback", name, {}, opts);
    const { place, names, foundation, notifications, codeFolder } = args;
    const environments = Object.values(args.environments);
    const options = { parent: this };
    const code = builtCode(codeFolder, this);

    const deadLetters = new DeadLetterQueue(
      `${name}-dlq`,
      {
        place,
        queueName: names.rollbackQueue,
        keyArn: foundation.key.arn,
        ruleArns: RULE_ROLES.map((role) => arn(place, "events", `rule/${names.rollbackRules[role]}`)),
      },
      options,
    );
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: names.rollbackFunction,
        description: `Takes back releases of ${names.pipeline}`,
        assumeRolePolicy: serviceTrust(place, "lambda", `function:${names.rollbackFunction}`),
      },
      options,
    );
    const policy = policyToDeclare(`${name}-rights`, rollbackStatements(args, deadLetters));
    const rights = new aws.iam.RolePolicy(
      `${name}-rights`,
      { role: role.name, name: "rollbacks", policy: policy.json },
      options,
    );
    const lambda = new aws.lambda.Function(
      `${name}-function`,
      {
        name: names.rollbackFunction,
        description: `Takes back releases of ${names.pipeline}`,
        runtime: "nodejs22.x",
        handler: "index.handler",
        code,
        role: role.arn,
        timeout: TIMEOUT_SECONDS,
        memorySize: 512,
        kmsKeyArn: foundation.key.arn,
        environment: { variables: rollbackVariables(args) },
        deadLetterConfig: { targetArn: deadLetters.queueArn },
        // The group is there already, encrypted and with its retention: Lambda never makes one of its own.
        loggingConfig: { logFormat: "JSON", logGroup: foundation.rollbackLogGroupName },
      },
      // Lambda asks whether the role may send to the queue before it takes the function; and what the first event or
      // the clock makes it read and change must be there, which policies that name it by name do not wait for.
      { ...options, dependsOn: [rights, foundation.deployments, foundation.releases, notifications, ...environments] },
    );
    new aws.lambda.FunctionEventInvokeConfig(
      `${name}-retries`,
      { functionName: lambda.name, maximumRetryAttempts: 2 },
      options,
    );
    // Its own dead letters and notices must never make it act in circles.
    new aws.lambda.FunctionRecursionConfig(
      `${name}-recursion`,
      { functionName: lambda.name, recursiveLoop: "Terminate" },
      options,
    );

    const rules = rollbackRules(place, names);
    for (const each of RULE_ROLES) {
      const rule = new aws.cloudwatch.EventRule(
        `${name}-${each}`,
        { name: names.rollbackRules[each], ...ruleArgs(rules[each]) },
        options,
      );
      const permission = new aws.lambda.Permission(
        `${name}-${each}-permission`,
        {
          function: lambda.name,
          statementId: names.rollbackRules[each],
          action: "lambda:InvokeFunction",
          principal: "events.amazonaws.com",
          sourceArn: rule.arn,
        },
        options,
      );
      new aws.cloudwatch.EventTarget(
        `${name}-${each}-target`,
        {
          rule: rule.name,
          targetId: "rollback",
          arn: lambda.arn,
          retryPolicy: DELIVERY,
          deadLetterConfig: { arn: deadLetters.queueArn },
        },
        // The first event must find both the right to invoke and the queue for what fails.
        { ...options, dependsOn: [permission, deadLetters] },
      );
    }
    const alarms = alarmSpecs(names);
    for (const each of ALARM_ROLES) {
      new aws.cloudwatch.MetricAlarm(
        `${name}-${each}-alarm`,
        { name: names.alarms[each], ...alarms[each], alarmActions: [notifications.topicOfAlarm(each)] },
        options,
      );
    }

    this.functionName = lambda.name;
    this.functionArn = lambda.arn;
    this.queueUrl = deadLetters.queueUrl;
    this.registerOutputs({
      functionName: this.functionName,
      queueUrl: this.queueUrl,
      policyDocuments: policy.declared,
    });
  }
}

function ruleArgs(rule: RollbackRule): aws.cloudwatch.EventRuleArgs {
  return "eventPattern" in rule ? { ...rule, eventPattern: JSON.stringify(rule.eventPattern) } : rule;
}
