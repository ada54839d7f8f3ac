import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { type ServiceModel } from "../awsModel";
import { type LocalService } from "../services/contract";
import { type EmulatorAddress } from "./authorizer";
import { answerInternal, type PushListener, type RelayRoutes } from "./internalRoutes";
import { EmulatorProxy, unavailable } from "./proxy";
import { answerServiceCall, type ServedModel } from "./serviceRoute";

export { type EmulatorAddress } from "./authorizer";
export { type Push, type PushListener, type RelayRoutes } from "./internalRoutes";

export interface GatewayOptions {
  /** The port to take if it is free; otherwise any. */
  readonly preferredPort?: number;
  /** What `POST /_kiro/push` and `POST /_kiro/relay` must bring as `x-kiro-token`. */
  readonly pushToken: string;
  /** What `GET /_kiro/health` answers. */
  health(): Readonly<Record<string, unknown>>;
  log: (message: string) => void;
}

/**
 * The only endpoint of the local cloud, on 127.0.0.1: serves the local AWS services by their `X-Amz-Target` and passes
 * everything else to the emulator.
 */
export class Gateway {
  private readonly served = new Map<string, ServedModel>();
  private emulator: (EmulatorAddress & { readonly proxy: EmulatorProxy }) | undefined;
  private pushListener: PushListener | undefined;
  private relay: RelayRoutes | undefined;

  private constructor(
    private readonly server: Server,
    private readonly options: GatewayOptions,
  ) {
    server.on("request", (incoming, outgoing) => this.route(incoming, outgoing, false));
    server.on("checkContinue", (incoming, outgoing) => this.route(incoming, outgoing, true));
  }

  /** Listens, before there is an emulator: that one is told the gateway's address when it starts. */
  static async open(options: GatewayOptions): Promise<Gateway> {
    // Uploads and long polls may take their time; the emulator has its own limits.
    const server = createServer({ requestTimeout: 0, keepAliveTimeout: 65_000, noDelay: true });
    const gateway = new Gateway(server, options);
    const preferred = options.preferredPort ?? 0;
    await listen(server, preferred).catch((error: NodeJS.ErrnoException) => {
      if (preferred === 0 || error.code !== "EADDRINUSE") throw error;
      return listen(server, 0);
    });
    return gateway;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** `http://127.0.0.1:PORT`. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** From now on requests reach this emulator. */
  connect(emulator: EmulatorAddress): void {
    this.emulator?.proxy.close();
    this.emulator = { ...emulator, proxy: new EmulatorProxy(Number(new URL(emulator.endpoint).port)) };
  }

  /** From now on what the emulator tells reaches this relay. */
  relayTo(relay: RelayRoutes): void {
    this.relay = relay;
  }

  /** From now on requests under each model's target prefix reach this service. */
  serve(service: LocalService, models: readonly ServiceModel[]): void {
    for (const model of models) this.served.set(model.targetPrefix, { service, model });
    if (isPushListener(service)) this.pushListener = service;
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    this.emulator?.proxy.close();
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private route(incoming: IncomingMessage, outgoing: ServerResponse, continued: boolean): void {
    const url = incoming.url ?? "/";
    outgoing.on("error", (error) => this.options.log(`${incoming.method} ${url}: ${error.message}`));
    if (url.startsWith("/_kiro/")) {
      const { options, pushListener, relay } = this;
      const { pushToken, log } = options;
      const emulatorToken = this.emulator?.token;
      const routes = { pushToken, emulatorToken, pushListener, relay, health: () => options.health(), log };
      this.finish(answerInternal(routes, incoming, outgoing), outgoing);
      return;
    }
    if (!this.emulator) {
      unavailable(incoming, outgoing, 503, "The local cloud is starting.");
      return;
    }
    if (isReset(url)) {
      const message = "This would reset the emulator alone. `kiro-pipeline local reset` resets the local cloud.";
      unavailable(incoming, outgoing, 403, message, "AccessDenied");
      return;
    }
    const target = String(incoming.headers["x-amz-target"] ?? "");
    const dot = target.lastIndexOf(".");
    const operation = target.slice(dot + 1);
    const served = this.served.get(target.slice(0, Math.max(dot, 0)));
    if (!served || served.service.operations?.includes(operation) === false) {
      this.emulator.proxy.forward(incoming, outgoing, continued);
      return;
    }
    if (continued) outgoing.writeContinue();
    const { log } = this.options;
    this.finish(answerServiceCall(served, operation, this.emulator, incoming, outgoing, log), outgoing);
  }

  /** An answer that could not be given at all ends the connection, so that the client does not wait for it. */
  private finish(answering: Promise<void>, outgoing: ServerResponse): void {
    answering.catch((error: unknown) => {
      this.options.log(`An answer failed: ${String(error)}`);
      outgoing.destroy();
    });
  }
}

/** The emulator's own administration: it would empty or change the emulator behind the back of the local services. */
function isReset(url: string): boolean {
  return /^\/_ministack\/(reset|config)\b/.test(url);
}

function isPushListener(service: LocalService): service is LocalService & PushListener {
  return "pushed" in service && typeof service.pushed === "function";
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
}
