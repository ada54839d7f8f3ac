/** What looks like a secret. A guess on purpose: an environment is shown in consoles, logs and state. */

const SECRET_NAME =
  /PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIAL|(^|_)PWD(_|$)|TOKEN(_|$)|(^|_)AUTH$|(API|PRIVATE|ACCESS|SIGNING|ENCRYPTION)_?KEY/;
/** Names that end so say where a secret is, or something about it. */
const ABOUT_ONE = /_(ARN|NAME|ID|PROVIDER|URL|URI|ENDPOINT|PATH|PARAMETER|TYPE|TTL|SECONDS|MINUTES|DAYS|LENGTH)$/;

const SECRET_VALUES = [
  // Access keys of AWS, long-lived and temporary.
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  // GitHub, GitLab, Slack, Stripe, npm.
  /\bgh[pousr]_[A-Za-z0-9]{30,}/,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/,
  /\bglpat-[A-Za-z0-9_-]{20,}/,
  /\bxox[a-z]-[A-Za-z0-9-]{10,}/,
  /\b[rs]k_live_[A-Za-z0-9]{10,}/,
  /\bnpm_[A-Za-z0-9]{30,}/,
  // A JSON web token.
  /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/,
  // A password in a URL.
  /[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i,
];
/** Values that say where a secret is. */
const REFERENCE = /^(arn:|awskms:\/\/)/;

/** `dbPassword` and `db-password` are `DB_PASSWORD`. */
const asVariable = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[-.]/g, "_")
    .toUpperCase();

/** Whether a name says where something is, or something about it, whatever the value. */
export const isReferenceName = (name: string): boolean => ABOUT_ONE.test(asVariable(name));

/** Whether a name says that the value is a secret. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(asVariable(name)) && !isReferenceName(name);

export const isSecretValue = (value: string): boolean => SECRET_VALUES.some((pattern) => pattern.test(value));

export const isReference = (value: string): boolean => REFERENCE.test(value);
