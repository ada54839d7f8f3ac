import { randomBytes } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { botocoreData, loadServiceModel } from "../awsModel";
import { Gateway, type EmulatorAddress } from "../gateway";
import { RoleSessions } from "../roleSessions";
import { emulatorPorts, Relay } from "../relay";
import { type LocalService } from "../services/contract";
import { startEmulatorProcess, type Emulator } from "./emulator";
import { envelope, EventBus } from "./eventBus";
import { type ServiceDefinition, type ServiceSurroundings } from "./services";

/** The emulator's account and region; root is `test`/`test`. */
const ACCOUNT_ID = "000000000000";
export const REGION = "us-east-1";

/** How long a service may take to end what it has started. */
const SERVICE_STOP_MS = 30_000;

export interface CloudOptions {
  /** The project's root. */
  readonly root: string;
  /** Where all state goes. */
  readonly directory: string;
  readonly services: readonly ServiceDefinition[];
  /** Whether the emulator keeps its state over a stop. */
  readonly persist: boolean;
  /** How long a minute of `rate(…)` in a scheduled rule lasts; 60 without it. */
  readonly minuteSeconds?: number;
  /** The gateway's port, if it is free. */
  readonly preferredPort?: number;
  /** What the health route tells besides the services' names. */
  readonly identity?: Readonly<Record<string, unknown>>;
  log: (message: string) => void;
}

export interface Cloud {
  readonly endpoint: string;
  readonly emulatorPid: number;
  readonly gitDir: string;
  /** Resolves with a sentence when the emulator ends without having been told to. */
  readonly failed: Promise<string>;
  /** Ends services, gateway and emulator, in this order, and waits for each. */
  readonly stop: () => Promise<void>;
}

/** Starts the local cloud in this process (the emulator is its child). Resolves when everything answers. */
export async function openCloud(options: CloudOptions): Promise<Cloud> {
  const { directory, log } = options;
  const gitDir = join(directory, "git");
  await mkdir(gitDir, { recursive: true });
  const pushToken = randomBytes(32).toString("hex");
  await writeSecret(join(directory, "push-token"), pushToken);

  const services: LocalService[] = [];
  const health = () => ({ ...options.identity, pid: process.pid, services: services.map(({ name }) => name) });
  const gateway = await Gateway.open({
    ...(options.preferredPort === undefined ? {} : { preferredPort: options.preferredPort }),
    pushToken,
    health,
    log: (message) => log(`gateway: ${message}`),
  });
  const { endpoint } = gateway;
  const bus = new EventBus({ file: join(directory, "events.jsonl"), accountId: ACCOUNT_ID, region: REGION, log });
  const roles = new RoleSessions({ endpoint, region: REGION });
  let emulator: Emulator | undefined;
  let relay: Relay | undefined;
  let stopping = false;

  const stop = async () => {
    stopping = true;
    for (const service of [...services].reverse()) await stopService(service, log);
    // What the services published while they stopped is delivered, too.
    await relay?.stop();
    roles.close();
    await gateway.close();
    await emulator?.stop();
    await bus.close();
  };

  try {
    const token = randomBytes(32).toString("hex");
    emulator = await startEmulatorProcess({
      root: options.root,
      directory: join(directory, "emulator"),
      publicPort: gateway.port,
      token,
      persist: options.persist,
      ...(options.minuteSeconds === undefined ? {} : { minuteSeconds: options.minuteSeconds }),
      log: (line) => log(`emulator: ${line}`),
    });
    gateway.connect({ endpoint: emulator.endpoint, token });
    relay = openRelay(gateway, bus, { endpoint: emulator.endpoint, token }, (message) => log(`relay: ${message}`));
    for (const definition of options.services) {
      const stateDir = join(directory, "services", definition.name);
      await mkdir(stateDir, { recursive: true });
      const surroundings: ServiceSurroundings = {
        endpoint,
        accountId: ACCOUNT_ID,
        region: REGION,
        stateDir,
        gitDir,
        publish: bus.publish,
        assumeRole: (roleArn, sessionName) => roles.assume(roleArn, sessionName),
        log: (message) => log(`${definition.name}: ${message}`),
        onEvent: bus.subscribe,
      };
      const data = botocoreData(options.root);
      const load = ({ service, apiVersion }: { service: string; apiVersion: string }) =>
        loadServiceModel(data, service, apiVersion);
      const models = await Promise.all(definition.models.map(load));
      const service = await definition.create(surroundings);
      services.push(service);
      gateway.serve(service, models);
    }
    const failed = new Promise<string>((resolve) => {
      void emulator?.exited.then((how) => {
        if (!stopping) resolve(`The emulator ended by itself (${how}).`);
      });
    });
    return { endpoint, emulatorPid: emulator.pid, gitDir, failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The relay between bus, emulator and the targets of the installed rules. */
function openRelay(gateway: Gateway, bus: EventBus, emulator: EmulatorAddress, log: (message: string) => void): Relay {
  const relay = new Relay(emulatorPorts(emulator, gateway.endpoint, REGION), log);
  bus.subscribe((_event, enveloped) => relay.take(enveloped));
  gateway.relayTo({
    take({ event, account, region, addressee }) {
      if (addressee) relay.takeScheduled(envelope(event, { accountId: account, region }), addressee);
      else if (account === ACCOUNT_ID && region === REGION) bus.publish(event);
      else
        log(`${event.detailType} of ${account} ${region} is not relayed: the bus is that of ${ACCOUNT_ID} ${REGION}`);
    },
    change: (mode, order) => relay.change(mode, order),
  });
  return relay;
}

async function stopService(service: LocalService, log: (message: string) => void): Promise<void> {
  const done = new AbortController();
  const late = sleep(SERVICE_STOP_MS, "late" as const, { signal: done.signal }).catch(() => "done" as const);
  const stopped = service.stop().then(
    () => "done" as const,
    (error: Error) => {
      log(`${service.name}: did not stop well: ${error.stack ?? error.message}`);
      return "done" as const;
    },
  );
  if ((await Promise.race([stopped, late])) === "late") log(`${service.name}: did not stop in time`);
  done.abort();
}

async function writeSecret(file: string, secret: string): Promise<void> {
  await writeFile(file, secret, { mode: 0o600 });
  // The mode above counts for new files only.
  await chmod(file, 0o600);
}
