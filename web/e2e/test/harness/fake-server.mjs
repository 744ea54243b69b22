// Stands in for `vestibule serve` in the tests of the Server class: it prints what the product
// prints, keeps a count of its starts in its data folder, and has a child that outlives it.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const option = (name) => process.argv[process.argv.indexOf(name) + 1];
const [host, port] = option('--listen').split(':');
const count = join(option('--data'), 'starts');
const starts = existsSync(count) ? Number(readFileSync(count)) + 1 : 1;
writeFileSync(count, String(starts));

const print = (event) => console.log(JSON.stringify(event));
const startSfu = () =>
  spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  }).on('exit', () => print({ event: 'sfu_started', sfu_pid: startSfu().pid }));
const sfu = startSfu();

const server = createServer((_, response) => response.end(`start ${starts}`));
server.listen(Number(port), host, () => {
  const url = `http://${host}:${port}`;
  const links = { practitioner_link: `${url}/console`, patient_link: `${url}/visit` };
  print({ event: 'ready', url, ...links, signaling_pid: process.pid, sfu_pid: sfu.pid });
});
console.error('a line for people');
