// What both scripts share: the credentials of a pair come on standard input, each step is named before it runs, and a
// step that fails ends the script with its name and what was wrong.
import { readFileSync } from 'node:fs';

export const credentials = JSON.parse(readFileSync(0, 'utf8'));

export async function step(name, run) {
  try {
    await run();
    console.log('ok', name);
  } catch (err) {
    console.error('FAIL', name, '\n', err?.stack ?? JSON.stringify(err));
    process.exit(1);
  }
}
