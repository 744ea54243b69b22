#!/usr/bin/env node
// Firefox as one person's browser, in the namespace of their host. It is driven through a port on
// loopback, and a namespace has a loopback of its own: the same port out here leads to that in there.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
const inside = ['netns', 'exec', process.env.HOST_NAMESPACE ?? ''];
/** Copies both ways between its own ends and a port of the namespace, until one side ends. */
const LEAD = 'exec 3<>"/dev/tcp/127.0.0.1/$0"; { cat <&3; kill $$; } & cat >&3';

function lead(socket, port) {
  const way = spawn('ip', [...inside, 'bash', '-c', LEAD, String(port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  way.stdout.pipe(socket);
  socket.pipe(way.stdin);
  way.stdin.on('error', () => socket.destroy());
  way.once('exit', () => socket.destroy());
  socket.on('error', () => way.kill());
  socket.once('close', () => way.kill());
}

function start(port) {
  const asked = process.argv.slice(2);
  const words = asked.map((word) => word.replace(/(?<=^--remote-debugging-port=)0$/, String(port)));
  const firefox = spawn('ip', [...inside, FIREFOX, ...words], { stdio: 'inherit' });
  firefox.once('error', (error) => {
    console.error(error.message);
    process.exit(1);
  });
  firefox.once('exit', (code) => process.exit(code ?? 1));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
    process.on(signal, () => firefox.kill(signal));
  }
}

const bridge = createServer((socket) => lead(socket, bridge.address().port));
bridge.listen(0, '127.0.0.1', () => start(bridge.address().port));
