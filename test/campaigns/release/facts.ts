/** The fields of package.json that a release depends on. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly engines?: { readonly node?: string };
  readonly repository?: { readonly type?: string; readonly url?: string };
  readonly publishConfig?: { readonly access?: string; readonly provenance?: boolean };
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin: Readonly<Record<string, string>>;
}

/** All that the checks of a release look at. */
export interface Facts {
  readonly manifest: Manifest;
  /** The version in package-lock.json. */
  readonly lockedVersion: string;
  readonly changelog: string;
  readonly packed: {
    /** Bytes of the tarball. */
    readonly bytes: number;
    /** The part of them that the sandbox has. */
    readonly sandboxBytes: number;
    /** Text of each file, by its path in the package. */
    readonly files: ReadonlyMap<string, string>;
  };
  /** Problems of docs/reference, as sentences. */
  readonly reference: readonly string[];
  /** Files of schema/ that differ from the code. */
  readonly schemas: readonly string[];
  /** The bill of materials that `npm run sbom` wrote for this version, if it did. */
  readonly bom: Bom | undefined;
  /** Lines of `git status --porcelain`; undefined outside a clone. */
  readonly changes: readonly string[] | undefined;
  readonly tags: readonly string[];
}

/** A CycloneDX document, as far as a release needs it. */
export interface Bom {
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly {
    readonly group?: string;
    readonly name: string;
    readonly version: string;
    /** `required`: its code is in a function. */
    readonly scope: string;
  }[];
}

/** A statement about a release; `problem` says why it is false, and what to do. */
export interface ReleaseCheck {
  readonly statement: string;
  readonly problem: (facts: Facts) => string | undefined;
}

/** The first few of a list, for a message. */
export const few = (list: readonly string[]): string =>
  list.length > 5 ? `${list.slice(0, 5).join(', ')} and ${list.length - 5} more` : list.join(', ');
