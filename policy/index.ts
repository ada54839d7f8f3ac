/** The policy pack, as the engine starts it. What the rules say is in `rules/`, each in a file of its own. */
import { PolicyPack } from "@pulumi/policy";
import { policies } from "./pack";

new PolicyPack("kiro-pipeline", { policies: policies(new Date()), enforcementLevel: "mandatory" });
