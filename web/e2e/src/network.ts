/**
 * A network of the tests' own: hosts in network namespaces on one switch, whose cables can be cut.
 *
 * It needs the right to make namespaces: root, or a user namespace (`unshare --user --map-root-user
 * --mount`, as `make test` does for others than root).
 */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const PREFIX = 'vestibule';
const NAMESPACES = '/run/netns';
const BRIDGE = 'switch';
/** The first three bytes of the hosts' addresses; they exist in the namespaces alone. */
const SUBNET = '10.77.0';
const GATEWAY = 1;
const FIRST_HOST = 10;
/** Further than there are hosts, so that a moved one meets no other. */
const MOVED_BY = 100;
/** Every host's own interface. */
const DEVICE = 'eth0';

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** A machine of the test network, the server's or a participant's. */
export class Host {
  constructor(
    readonly namespace: string,
    private number: number,
    private readonly port: { readonly namespace: string; readonly name: string } | null,
  ) {}

  get address(): string {
    return address(this.number);
  }

  /** The words to put before a command so that it runs on this host. */
  get prefix(): readonly string[] {
    return ['ip', 'netns', 'exec', this.namespace];
  }

  /** Pulls the cable: the host's own interface loses its carrier, and the browser is told. */
  linkDown(): void {
    this.setPort('down');
  }

  linkUp(): void {
    this.setPort('up');
  }

  /** Loses every packet both ways, while the interface looks well: a dead access point. */
  cutSilently(): void {
    this.setPort('nomaster');
  }

  /** Ends `cutSilently`. */
  mend(): void {
    this.setPort('master', BRIDGE);
  }

  /** Goes on under another address, as a phone does that leaves the house. */
  move(): void {
    ip('-n', this.namespace, 'address', 'flush', 'dev', DEVICE, 'scope', 'global');
    this.number += MOVED_BY;
    setUp(this.namespace, DEVICE, this.number);
    addRoute(this.namespace);
  }

  private setPort(...change: string[]): void {
    if (!this.port) throw new Error('the server has no cable of its own: cut the others');
    ip('-n', this.port.namespace, 'link', 'set', this.port.name, ...change);
  }
}

/** Hosts on one switch. `server` has the switch; the others are added. */
export class Network {
  readonly server: Host;
  private readonly namespaces: string[] = [];
  private readonly serverNamespace: string;
  private readonly removeAtExit = () => this.remove();

  constructor() {
    requireRights();
    removeStale();
    process.once('exit', this.removeAtExit);
    this.serverNamespace = this.addNamespace();
    ip('-n', this.serverNamespace, 'link', 'add', BRIDGE, 'type', 'bridge');
    setUp(this.serverNamespace, BRIDGE, GATEWAY);
    this.server = new Host(this.serverNamespace, GATEWAY, null);
  }

  /** Adds a host with a cable to the switch. */
  addHost(): Host {
    const number = FIRST_HOST + this.namespaces.length;
    const namespace = this.addNamespace();
    const port = `port${number}`;
    const inServer = ['-n', this.serverNamespace, 'link'];
    ip(...inServer, 'add', port, 'type', 'veth', 'peer', 'name', DEVICE, 'netns', namespace);
    ip(...inServer, 'set', port, 'master', BRIDGE, 'up');
    setUp(namespace, DEVICE, number);
    addRoute(namespace);
    return new Host(namespace, number, { namespace: this.serverNamespace, name: port });
  }

  /** Removes every namespace, and with them their interfaces. May be called twice. */
  remove(): void {
    process.off('exit', this.removeAtExit);
    for (const namespace of this.namespaces.splice(0)) ip('netns', 'delete', namespace);
  }

  private addNamespace(): string {
    const name = `${PREFIX}-${process.pid}-${serial()}`;
    ip('netns', 'add', name);
    this.namespaces.push(name);
    return name;
  }
}

let made = 0;
function serial(): number {
  made += 1;
  return made;
}

function address(number: number): string {
  return `${SUBNET}.${number}`;
}

function setUp(namespace: string, device: string, number: number): void {
  // An IPv6 address that came a second later would be a change of network to a browser.
  ip('-n', namespace, 'link', 'set', device, 'addrgenmode', 'none');
  ip('-n', namespace, 'address', 'add', `${address(number)}/24`, 'dev', device);
  ip('-n', namespace, 'link', 'set', device, 'up');
  ip('-n', namespace, 'link', 'set', 'lo', 'up');
}

function addRoute(namespace: string): void {
  ip('-n', namespace, 'route', 'replace', 'default', 'via', address(GATEWAY));
}

function requireRights(): void {
  if (process.getuid?.() === 0) return;
  throw new Error(
    'the network tests make network namespaces, which needs root: run `make test`, which asks for' +
      ' a user namespace, or run them with sudo',
  );
}

/** A run that was killed could not remove its namespaces; their names tell whose they were. */
function removeStale(): void {
  let names: string[] = [];
  try {
    names = readdirSync(NAMESPACES);
  } catch {
    return;
  }
  for (const name of names) {
    const pid = Number(name.match(`^${PREFIX}-(\\d+)-\\d+$`)?.[1]);
    if (pid > 0 && !isAlive(pid)) ip('netns', 'delete', name);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
