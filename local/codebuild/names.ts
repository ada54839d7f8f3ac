/** ARNs and ids, as AWS forms them. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
}

export const projectArn = ({ region, accountId }: Place, name: string): string =>
  `arn:aws:codebuild:${region}:${accountId}:project/${name}`;

export const buildArn = ({ region, accountId }: Place, id: string): string =>
  `arn:aws:codebuild:${region}:${accountId}:build/${id}`;

export const reportGroupArn = ({ region, accountId }: Place, name: string): string =>
  `arn:aws:codebuild:${region}:${accountId}:report-group/${name}`;

export const logStreamArn = ({ region, accountId }: Place, group: string, stream: string): string =>
  `arn:aws:logs:${region}:${accountId}:log-group:${group}:log-stream:${stream}`;

/** A build's id from its id or its ARN; both are accepted wherever AWS takes a build. */
export const buildId = (idOrArn: string): string => afterSlash(idOrArn);

/** A project's name from its name or its ARN. */
export const projectName = (nameOrArn: string): string => afterSlash(nameOrArn);

/** The project of a build id `project:uuid`. */
export const projectOfBuild = (id: string): string => id.slice(0, id.lastIndexOf(":"));

/** `report-group/NAME` of the ARN of a report `…:report/NAME:UUID`. */
export function groupArnOfReport(reportArn: string): string {
  return reportArn.replace(":report/", ":report-group/").replace(/:[^:/]+$/, "");
}

function afterSlash(text: string): string {
  return text.startsWith("arn:") ? text.slice(text.indexOf("/") + 1) : text;
}

/** The uuid of a build: the part of its id after the project. */
export function uuidOf({ id }: { readonly id: string }): string {
  return id.slice(id.lastIndexOf(":") + 1);
}
