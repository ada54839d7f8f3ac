/** The action types that are served on one machine, with what each demands of its declaration. */
import { type ActionTypeId } from "../engine/declaration";
import { codeBuild } from "./codeBuild";
import { connectionSource } from "./connectionSource";
import { manualApproval } from "./manualApproval";
import { type Provider } from "./provider";

const PROVIDERS: Readonly<Record<string, Provider>> = {
  CodeStarSourceConnection: connectionSource,
  CodeBuild: codeBuild,
  Manual: manualApproval,
};

/** The provider of a declared action; declarations are validated, so a missing one is a bug. */
export function providerOf(type: ActionTypeId): Provider {
  const provider = PROVIDERS[type.provider];
  if (provider === undefined) throw new Error(`no provider ${type.provider}`);
  return provider;
}
