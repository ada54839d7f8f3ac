/** Whether the AWS endpoint is on this very machine, which no AWS is: then the local cloud runs the build. */
export function isLocalCloud(endpoint: string | undefined): boolean {
  if (endpoint === undefined || !URL.canParse(endpoint)) return false;
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(endpoint).hostname);
}
