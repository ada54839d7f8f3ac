import {
  Agent,
  request as send,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from "node:http";

/** Headers that speak about one connection, not about the message (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "te", "upgrade", "x-forwarded-proto"]);

/**
 * What AWS's endpoints are for their clients: without it every request to a bucket or topic whose policy demands TLS
 * (`aws:SecureTransport`) would be denied. Nothing but this machine can reach the gateway.
 */
const SECURE = ["X-Forwarded-Proto", "https"];

/** Longer than any pause inside a request, shorter than the emulator's own patience with an idle connection (75 s). */
const IDLE_MS = 60_000;

/**
 * Passes requests on to the emulator as they are: raw path and query, every header (so that `Host` and with it the
 * signature stay valid), bodies as streams in both directions. Only how the client was connected is said anew.
 */
export class EmulatorProxy {
  private readonly agent = new Agent({ keepAlive: true, timeout: IDLE_MS });

  constructor(private readonly port: number) {}

  /** `continued`: the client waits for `100 Continue` before it sends its body; the emulator decides whether it comes. */
  forward(incoming: IncomingMessage, outgoing: ServerResponse, continued = false): void {
    const hasBody =
      incoming.headers["transfer-encoding"] !== undefined || Number(incoming.headers["content-length"]) > 0;
    const upstream = this.open(incoming);
    if (continued) upstream.on("continue", () => outgoing.writeContinue());
    upstream.on("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.statusMessage, withoutHopByHop(response.rawHeaders));
      response.on("error", () => outgoing.destroy());
      response.pipe(outgoing);
    });
    upstream.on("error", (error: NodeJS.ErrnoException) => {
      const stale = upstream.reusedSocket && error.code === "ECONNRESET";
      if (stale && !hasBody && !outgoing.headersSent && !outgoing.destroyed) this.forward(incoming, outgoing);
      else refuse(incoming, outgoing, error);
    });
    outgoing.on("close", () => {
      if (!outgoing.writableFinished) upstream.destroy();
    });
    if (hasBody) incoming.pipe(upstream);
    else upstream.end();
  }

  /** Ends the idle connections to the emulator. */
  close(): void {
    this.agent.destroy();
  }

  private open(incoming: IncomingMessage): ClientRequest {
    const options: RequestOptions = {
      agent: this.agent,
      host: "127.0.0.1",
      port: this.port,
      method: incoming.method ?? "GET",
      path: incoming.url ?? "/",
      // A flat list of names and values keeps their order, case and repetitions.
      headers: [...withoutHopByHop(incoming.rawHeaders), ...SECURE],
      setHost: false,
    };
    return send(options);
  }
}

function withoutHopByHop(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? "";
    if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, raw[i + 1] ?? "");
  }
  return kept;
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse, error: NodeJS.ErrnoException): void {
  if (outgoing.headersSent || outgoing.destroyed) {
    outgoing.destroy();
    return;
  }
  const gone = error.code === "ECONNREFUSED";
  const message = gone
    ? "The emulator of the local cloud is not running. `kiro-pipeline local status` says why."
    : `The emulator of the local cloud broke off: ${error.message}.`;
  unavailable(incoming, outgoing, gone ? 503 : 502, message);
}

/** A failure of the local cloud itself, in the dialect that the client's protocol reads: JSON or XML. */
export function unavailable(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  status: number,
  message: string,
  code = "ServiceUnavailable",
): void {
  const json = incoming.headers["x-amz-target"] !== undefined || /json/.test(incoming.headers["content-type"] ?? "");
  const body = json
    ? JSON.stringify({ __type: code, message })
    : `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
  // The rest of a body that nobody reads would be taken for the next request.
  outgoing.writeHead(status, {
    "content-type": json ? "application/x-amz-json-1.1" : "application/xml",
    "content-length": Buffer.byteLength(body),
    connection: "close",
  });
  outgoing.end(incoming.method === "HEAD" ? undefined : body);
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
