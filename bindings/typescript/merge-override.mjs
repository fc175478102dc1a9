// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: The GDeferred authors

// Usage: node merge-override.mjs FOLDER
//
// ts-for-gir has written into the folder what the GIR says, and knows nothing of GJS's override. This puts
// gdeferred-override.d.ts, which lies beside this script, into the gdeferred-1.0.d.ts there: a declaration of
// ours takes the place of those of its name; of a class it is the head, and the members that we declare. One
// of ours without a comment gets theirs.

import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

const INDENT = '    ';
const NO_CODE = /^\s*($|\/\*|\*|\/\/)/;
const ANY_WORDS = /^\s*(?:(?:export|abstract|readonly|get|set|enum|function|const|type|interface) )*/;
const KIND = /^(?:static |class |namespace )?/; // a name of each of these is another one

function keyOf(line) {
  const rest = line.replace(ANY_WORDS, '');
  const [kind] = KIND.exec(rest);
  return kind + /^[["']*([\w$.]+)/.exec(rest.slice(kind.length))[1];
}

// The declarations that are indented so far, each with what stands ahead of it.
function declarationsIn(lines, indent) {
  const declarations = [];
  let start = 0, head = -1;
  lines.forEach((line, i) => {
    if (head < 0 && !NO_CODE.test(line))
      head = i;
    if (head < 0 || !line.startsWith(indent) || line[indent.length] === ' ' || !/[;}]$/.test(line))
      return;
    const code = lines.slice(head, i + 1);
    declarations.push({key: keyOf(code[0]), ahead: lines.slice(start, head), code});
    start = i + 1;
    head = -1;
  });
  return declarations;
}

// In the place of the first of theirs that has the name of some of ours there is what replace() gives for it.
function merge(theirs, ours, replace) {
  const merged = [], left = new Set(ours);
  for (const declaration of theirs) {
    const same = ours.filter(({key}) => key === declaration.key);
    if (same.length === 0)
      merged.push(declaration);
    else if (left.has(same[0]))
      merged.push(...replace(declaration, same));
    same.forEach(one => left.delete(one));
  }
  return [...merged, ...left].flatMap(({ahead, code}) => [...ahead, ...code]);
}

function withComment(theirs, ours) {
  const [{key, ahead, code}, ...overloads] = ours;
  const hasComment = ahead.some(line => line.includes('/**'));
  return [{key, ahead: hasComment ? ahead : theirs.ahead, code}, ...overloads];
}

function replaceInNamespace(theirs, ours) {
  if (!ours[0].key.startsWith('class '))
    return ours;
  const [{ahead, code}] = withComment(theirs, ours);
  const members = lines => declarationsIn(lines.slice(1, -1), INDENT + INDENT);
  const body = merge(members(theirs.code), members(code), withComment);
  return [{ahead, code: [code[0], ...body, code.at(-1)]}];
}

function partsOf(file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  const start = lines.findIndex(line => /^export namespace GDeferred\b/.test(line)) + 1;
  const end = lines.indexOf('}', start);
  if (start === 0 || end < 0)
    throw new Error(`${file} has no namespace GDeferred as ts-for-gir writes it`);
  const declarations = declarationsIn(lines.slice(start, end), INDENT);
  return {ahead: lines.slice(0, start), declarations, after: lines.slice(end)};
}

if (process.argv.length !== 3)
  throw new Error('usage: node merge-override.mjs FOLDER');
const file = join(process.argv[2], 'gdeferred-1.0.d.ts');
const theirs = partsOf(file);
const ours = partsOf(new URL('gdeferred-override.d.ts', import.meta.url));
const merged = merge(theirs.declarations, ours.declarations, replaceInNamespace);
writeFileSync(file, [...theirs.ahead, ...merged, ...theirs.after].join('\n'));
