import { type Rule } from "./rule";
import { bucketsAreEncrypted } from "./rules/bucketsAreEncrypted";
import { bucketsBlockPublicAccess } from "./rules/bucketsBlockPublicAccess";
import { bucketsTakeTlsOnly } from "./rules/bucketsTakeTlsOnly";
import { releasesAndStateAreVersioned } from "./rules/releasesAndStateAreVersioned";
import { tablesAreEncrypted } from "./rules/tablesAreEncrypted";
import { tablesKeepTheirData } from "./rules/tablesKeepTheirData";
import { functionsHaveDeadLetters } from "./rules/functionsHaveDeadLetters";
import { environmentsHoldNoSecrets } from "./rules/environmentsHoldNoSecrets";
import { keysRotate } from "./rules/keysRotate";
import { logGroupsEndAndAreEncrypted } from "./rules/logGroupsEndAndAreEncrypted";
import { alarmsTreatMissingData } from "./rules/alarmsTreatMissingData";
import { topicsAreEncrypted } from "./rules/topicsAreEncrypted";
import { topicsTakeTlsOnly } from "./rules/topicsTakeTlsOnly";
import { queuesAreEncrypted } from "./rules/queuesAreEncrypted";
import { pipelinesAskBeforeProduction } from "./rules/pipelinesAskBeforeProduction";
import { resourcesAreTagged } from "./rules/resourcesAreTagged";
import { documentsCanBeRead } from "./rules/documentsCanBeRead";
import { permissionsNameActions } from "./rules/permissionsNameActions";
import { attachedPoliciesAreNarrow } from "./rules/attachedPoliciesAreNarrow";
import { permissionsNameResources } from "./rules/permissionsNameResources";
import { nobodyIsEverybody } from "./rules/nobodyIsEverybody";
import { servicesAreTrustedForASource } from "./rules/servicesAreTrustedForASource";
import { invocationsNameTheirSource } from "./rules/invocationsNameTheirSource";

/** Every rule of the pack, in the order of docs/policies.md. */
export const RULES: readonly Rule[] = [
  bucketsAreEncrypted,
  bucketsBlockPublicAccess,
  bucketsTakeTlsOnly,
  releasesAndStateAreVersioned,
  tablesAreEncrypted,
  tablesKeepTheirData,
  functionsHaveDeadLetters,
  environmentsHoldNoSecrets,
  keysRotate,
  logGroupsEndAndAreEncrypted,
  alarmsTreatMissingData,
  topicsAreEncrypted,
  topicsTakeTlsOnly,
  queuesAreEncrypted,
  pipelinesAskBeforeProduction,
  resourcesAreTagged,
  documentsCanBeRead,
  permissionsNameActions,
  attachedPoliciesAreNarrow,
  permissionsNameResources,
  nobodyIsEverybody,
  servicesAreTrustedForASource,
  invocationsNameTheirSource,
];
