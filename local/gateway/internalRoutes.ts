import { timingSafeEqual } from "node:crypto";
import { type IncomingMessage, type ServerResponse } from "node:http";
import { parseEmulatorEvent, parseRelayRequest, type EmulatorEvent } from "../relay/messages";
import { type RelayMode, type ReleaseOrder } from "../relay/faults";
import { readBody } from "./serviceRoute";

/** What a push to a repository of the local cloud brought. */
export interface Push {
  readonly repository: string;
  readonly branch: string;
  readonly commit: string;
}

/** Hears of pushes; the CodePipeline service is one. */
export interface PushListener {
  pushed(push: Push): Promise<void>;
}

/** The event relay, as far as the routes speak to it. */
export interface RelayRoutes {
  /** Takes what the emulator has told. */
  take(event: EmulatorEvent): void;
  /** Sets what happens to events; answers how many it has let go. */
  change(mode: RelayMode, order?: ReleaseOrder): Promise<number>;
}

export interface InternalRoutes {
  /** The answer of `GET /_kiro/health`. */
  health(): Readonly<Record<string, unknown>>;
  /** What `POST /_kiro/push` and `POST /_kiro/relay` must bring as `x-kiro-token`. */
  readonly pushToken: string;
  readonly pushListener: PushListener | undefined;
  /** What `POST /_kiro/event` must bring: the token that the emulator was started with. */
  readonly emulatorToken: string | undefined;
  readonly relay: RelayRoutes | undefined;
  log: (message: string) => void;
}

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Routes of the local cloud itself, under `/_kiro/`. They answer only to programs on this machine that address it as
 * such: a web page (it sends `Origin`, or after DNS rebinding its own `Host`) gets nothing.
 */
export async function answerInternal(
  routes: InternalRoutes,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const [status, body] = await answer(routes, incoming);
  const text = JSON.stringify(body);
  const closing = incoming.complete ? {} : { connection: "close" };
  outgoing.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...closing,
  });
  outgoing.end(text);
}

async function answer(routes: InternalRoutes, incoming: IncomingMessage): Promise<[number, object]> {
  if (!LOOPBACK_HOST.test(incoming.headers.host ?? "") || incoming.headers.origin !== undefined) {
    return [403, { message: "These routes answer to local programs only." }];
  }
  switch (`${incoming.method} ${incoming.url}`) {
    case "GET /_kiro/health":
      return [200, routes.health()];
    case "POST /_kiro/push":
      return tokened(routes, incoming, routes.pushToken, parsePush, async (received) => {
        if (!routes.pushListener) return [503, { message: "No service that takes pushes is running." }];
        await routes.pushListener.pushed(received);
        return [202, {}];
      });
    case "POST /_kiro/event":
      return tokened(routes, incoming, routes.emulatorToken, parseEmulatorEvent, async (received) => {
        routes.relay?.take(received);
        return Promise.resolve([202, {}]);
      });
    case "POST /_kiro/relay":
      return tokened(routes, incoming, routes.pushToken, parseRelayRequest, async ({ mode, order }) => {
        if (!routes.relay) return [503, { message: "The event relay is not running." }];
        return [200, { released: await routes.relay.change(mode, order) }];
      });
    default:
      return [404, { message: `${incoming.method} ${incoming.url} is not served.` }];
  }
}

/** A route for those who know the token: 403 without it, 400 for a body that is not what it takes. */
async function tokened<T>(
  routes: InternalRoutes,
  incoming: IncomingMessage,
  token: string | undefined,
  parse: (body: unknown) => T,
  act: (received: T) => Promise<[number, object]>,
): Promise<[number, object]> {
  if (token === undefined || !sameToken(incoming.headers["x-kiro-token"], token)) {
    return [403, { message: "x-kiro-token is not the token of this local cloud." }];
  }
  let received: T;
  try {
    received = parse(JSON.parse((await readBody(incoming)).toString("utf8")));
  } catch (error) {
    return [400, { message: (error as Error).message }];
  }
  try {
    return await act(received);
  } catch (error) {
    routes.log(`${incoming.url}: ${(error as Error).stack ?? (error as Error).message}`);
    return [500, { message: (error as Error).message }];
  }
}

function parsePush(body: unknown): Push {
  const { repository, branch, commit } = Object(body) as Record<string, unknown>;
  if (typeof repository === "string" && typeof branch === "string" && typeof commit === "string") {
    return { repository, branch, commit };
  }
  throw new Error("A push is {repository, branch, commit}, all strings.");
}

function sameToken(given: string | string[] | undefined, token: string): boolean {
  const wanted = Buffer.from(token);
  const got = Buffer.from(typeof given === "string" ? given : "");
  return got.length === wanted.length && timingSafeEqual(got, wanted);
}
