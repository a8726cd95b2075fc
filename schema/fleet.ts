// Generated from rekey.schema.json by npm run schemas.

/**
 * Former places: if a target moves to another provider, admin secret or place, list its old provider, admin and params here until its credentials there have ended.
 *
 * @maxItems 8
 */
export type Former = (
  | {
      provider: 'deepgram';
      /**
       * Name of the secret that holds the admin credential for the provider.
       */
      admin: string;
      /**
       * Parameters of deepgram.
       */
      params: {
        /**
         * Id of the Deepgram project.
         */
        projectId: string;
        /**
         * Which images may be pulled.
         *
         * @minItems 1
         */
        scopes?: (
          | 'self-hosted:products'
          | 'self-hosted:product:api'
          | 'self-hosted:product:engine'
          | 'self-hosted:product:license-proxy'
          | 'self-hosted:product:dgtools'
          | 'self-hosted:product:billing'
          | 'self-hosted:product:hotpepper'
          | 'self-hosted:product:metrics-server'
        )[];
      };
    }
  | {
      provider: 'digitalocean';
      /**
       * Name of the secret that holds the admin credential for the provider.
       */
      admin: string;
      /**
       * Parameters of digitalocean.
       */
      params: {
        /**
         * Name of the container registry.
         */
        registry: string;
        /**
         * Whether the credentials may push and delete, too.
         */
        readWrite?: boolean;
        /**
         * registry: the deprecated API for accounts with a single registry.
         */
        api?: 'registries' | 'registry';
      };
    }
  | {
      provider: 'gitlab-deploy-token';
      /**
       * Name of the secret that holds the admin credential for the provider.
       */
      admin: string;
      /**
       * Parameters of gitlab-deploy-token.
       */
      params: {
        /**
         * Origin of a self-managed GitLab. Default: https://gitlab.com.
         */
        endpoint?: string;
        /**
         * Host, and perhaps port, of the registry of a self-managed GitLab.
         */
        registry?: string;
        /**
         * The project whose registry the tokens are for.
         */
        project?: string;
        /**
         * In place of a project: a group, with all its projects.
         */
        group?: string;
        /**
         * What the tokens may do.
         *
         * @minItems 1
         */
        scopes?: ('read_registry' | 'write_registry')[];
      };
    }
  | {
      provider: 'harbor-robot';
      /**
       * Name of the secret that holds the admin credential for the provider.
       */
      admin: string;
      /**
       * Parameters of harbor-robot.
       */
      params: {
        /**
         * Origin of the Harbor, https://<host>.
         */
        endpoint: string;
        /**
         * The project whose repositories the robots may use.
         */
        project: string;
        /**
         * What the robots may do in the project.
         */
        actions?: ('pull' | 'push')[];
      };
    }
  | {
      provider: 'huawei-swr-access-key';
      /**
       * Name of the secret that holds the admin credential for the provider.
       */
      admin: string;
      /**
       * Parameters of huawei-swr-access-key.
       */
      params: {
        /**
         * Region, such as ap-southeast-3.
         */
        region: string;
        /**
         * Domain of the cloud. Default: myhuaweicloud.com, for eu-west-101 myhuaweicloud.eu.
         */
        suffix?: string;
        /**
         * Id of the IAM user whose access keys are rotated: one of its own for each target.
         */
        userId: string;
        /**
         * Project to log in to. Default: the region’s own.
         */
        projectName?: string;
        /**
         * Id of the account, sent as X-Domain-Id where IAM asks for it.
         */
        domainId?: string;
      };
    }
  | {
      provider: 'huawei-swr-enterprise';
      /**
       * Name of the secret that holds the admin credential for the provider.
       */
      admin: string;
      /**
       * Parameters of huawei-swr-enterprise.
       */
      params: {
        /**
         * Region, such as ap-southeast-3.
         */
        region: string;
        /**
         * Domain of the cloud. Default: myhuaweicloud.com, for eu-west-101 myhuaweicloud.eu.
         */
        suffix?: string;
        /**
         * Id of the project that the instance is in.
         */
        projectId: string;
        /**
         * Id of the Enterprise Edition instance.
         */
        instanceId: string;
      };
    }
  | {
      provider: 'huawei-swr-enterprise-temporary';
      /**
       * Name of the secret that holds the admin credential for the provider.
       */
      admin: string;
      /**
       * Parameters of huawei-swr-enterprise-temporary.
       */
      params: {
        /**
         * Region, such as ap-southeast-3.
         */
        region: string;
        /**
         * Domain of the cloud. Default: myhuaweicloud.com, for eu-west-101 myhuaweicloud.eu.
         */
        suffix?: string;
        /**
         * Id of the project that the instance is in.
         */
        projectId: string;
        /**
         * Id of the Enterprise Edition instance.
         */
        instanceId: string;
      };
    }
  | {
      provider: 'huawei-swr-temporary';
      /**
       * Name of the secret that holds the admin credential for the provider.
       */
      admin: string;
      /**
       * Parameters of huawei-swr-temporary.
       */
      params: {
        /**
         * Region, such as ap-southeast-3.
         */
        region: string;
        /**
         * Domain of the cloud. Default: myhuaweicloud.com, for eu-west-101 myhuaweicloud.eu.
         */
        suffix?: string;
        /**
         * secret: lives 6 hours. authorizationtoken: lives a day, on the new IAM plane only.
         */
        kind?: 'secret' | 'authorizationtoken';
        /**
         * Project that a secret is for. Default: the region’s own.
         */
        projectName?: string;
        /**
         * Id of that project, where it is not the region’s own.
         */
        projectId?: string;
        /**
         * How long a secret lives, in regions that know duration_seconds.
         */
        durationSeconds?: number;
      };
    }
  | {
      provider: 'ionos';
      /**
       * Name of the secret that holds the admin credential for the provider.
       */
      admin: string;
      /**
       * Parameters of ionos.
       */
      params: {
        /**
         * Id of the container registry.
         */
        registryId: string;
        /**
         * What the tokens may do.
         *
         * @minItems 1
         */
        scopes: {
          /**
           * repository: its content; registry: the list of repositories.
           */
          type: 'repository' | 'registry';
          /**
           * A repository, or * for all.
           */
          name: string;
          /**
           * @minItems 1
           */
          actions: ('pull' | 'push' | 'delete')[];
        }[];
        /**
         * For an admin user with several contracts: the one that the registry belongs to.
         */
        contractNumber?: string;
      };
    }
  | {
      provider: 'quay-oauth-token';
      /**
       * Name of the secret that holds the admin credential for the provider.
       */
      admin: string;
      /**
       * Parameters of quay-oauth-token.
       */
      params: {
        /**
         * Origin of a self-hosted Quay, https://<host>. Default: https://quay.io.
         */
        endpoint?: string;
        /**
         * The repository that the tokens are for, with its namespace.
         */
        repository: string;
        /**
         * What the tokens may do.
         */
        actions?: ('pull' | 'push')[];
      };
    }
  | {
      provider: 'quay-robot';
      /**
       * Name of the secret that holds the admin credential for the provider.
       */
      admin: string;
      /**
       * Parameters of quay-robot.
       */
      params: {
        /**
         * Origin of a self-hosted Quay, https://<host>. Default: https://quay.io.
         */
        endpoint?: string;
        /**
         * The organization whose robots are issued.
         */
        organization: string;
        /**
         * Short name of the robot, made by hand, whose rights the first issued one is given.
         */
        robot: string;
      };
    }
)[];

/**
 * A rekey fleet file: https://unpkg.com/cdk-rekey@0/schema/rekey.schema.json
 */
export interface FleetFile {
  /**
   * Id of this fleet. It is part of every label at the providers: never change it while credentials are alive.
   */
  fleet: string;
  /**
   * The defaults of all targets. A target can override each of them.
   */
  defaults?: {
    /**
     * How old a credential may become, at least 15m.
     */
    interval?: string;
    /**
     * How long the previous credential stays alive after a rotation; shorter than the interval.
     */
    grace?: string;
    /**
     * How long a credential stays disabled before it is deleted, if the provider can disable.
     */
    soak?: string;
    /**
     * The grace of a credential that was reported as compromised.
     */
    compromisedGrace?: string;
  };
  /**
   * The addresses that rekey connects to, and the authorities that it trusts. Default: only public addresses and public authorities.
   */
  network?: {
    /**
     * Address ranges, such as 10.0.0.0/8, that vendors and registries may use in addition to public ones.
     *
     * @maxItems 64
     */
    allow?: string[];
    /**
     * File with the PEM certificates of authorities that are trusted in addition to the public ones. Its path is relative to the folder of this file.
     */
    ca?: string;
  };
  /**
   * The age at which a credential that no version knows is an orphan, and is revoked.
   */
  orphanAge?: string;
  /**
   * The targets: each is one credential in one secret.
   *
   * @maxItems 10000
   */
  targets: (
    | {
        /**
         * Name of the target, unique in the fleet.
         */
        name: string;
        /**
         * Name of the secret it is stored in. Default: rekey/<fleet>/<name>.
         */
        secret?: string;
        /**
         * Name of the secret that holds the admin credential for the provider.
         */
        admin: string;
        format?: 'fields' | 'dockerconfigjson';
        /**
         * secrets-manager: Secrets Manager starts the rotations, so that the console, AWS Config and Security Hub show them.
         */
        driver?: 'rekey' | 'secrets-manager';
        /**
         * Scheduled rotations start only while this window is open. Requests and compromises do not wait for it.
         */
        window?: {
          /**
           * When the window opens: minute, hour, day of month, month, day of week.
           */
          cron: string;
          timezone?: string;
          /**
           * How long it stays open.
           */
          duration: string;
        };
        /**
         * How a credential is proven at its registry.
         */
        verify?: {
          /**
           * How long the registry may take to accept a fresh credential or refuse a revoked one, at most 5m.
           */
          within?: string;
          /**
           * How often the current credential is checked at the registry; 0s: never. After two refusals in a row, rekey rotates the target.
           */
          every?: string;
          /**
           * Also request rights on this repository from the registry.
           */
          repository?: string;
          /**
           * @minItems 1
           */
          actions?: ('pull' | 'push' | 'delete' | '*')[];
          /**
           * Tag or digest in the repository to look up with the fresh credential.
           */
          manifest?: string;
        };
        /**
         * How old a credential may become, at least 15m.
         */
        interval?: string;
        /**
         * How long the previous credential stays alive after a rotation; shorter than the interval.
         */
        grace?: string;
        /**
         * How long a credential stays disabled before it is deleted, if the provider can disable.
         */
        soak?: string;
        /**
         * The grace of a credential that was reported as compromised.
         */
        compromisedGrace?: string;
        former?: Former;
        provider: 'deepgram';
        /**
         * Parameters of deepgram.
         */
        params: {
          /**
           * Id of the Deepgram project.
           */
          projectId: string;
          /**
           * Which images may be pulled.
           *
           * @minItems 1
           */
          scopes?: (
            | 'self-hosted:products'
            | 'self-hosted:product:api'
            | 'self-hosted:product:engine'
            | 'self-hosted:product:license-proxy'
            | 'self-hosted:product:dgtools'
            | 'self-hosted:product:billing'
            | 'self-hosted:product:hotpepper'
            | 'self-hosted:product:metrics-server'
          )[];
        };
      }
    | {
        /**
         * Name of the target, unique in the fleet.
         */
        name: string;
        /**
         * Name of the secret it is stored in. Default: rekey/<fleet>/<name>.
         */
        secret?: string;
        /**
         * Name of the secret that holds the admin credential for the provider.
         */
        admin: string;
        format?: 'fields' | 'dockerconfigjson';
        /**
         * secrets-manager: Secrets Manager starts the rotations, so that the console, AWS Config and Security Hub show them.
         */
        driver?: 'rekey' | 'secrets-manager';
        /**
         * Scheduled rotations start only while this window is open. Requests and compromises do not wait for it.
         */
        window?: {
          /**
           * When the window opens: minute, hour, day of month, month, day of week.
           */
          cron: string;
          timezone?: string;
          /**
           * How long it stays open.
           */
          duration: string;
        };
        /**
         * How a credential is proven at its registry.
         */
        verify?: {
          /**
           * How long the registry may take to accept a fresh credential or refuse a revoked one, at most 5m.
           */
          within?: string;
          /**
           * How often the current credential is checked at the registry; 0s: never. After two refusals in a row, rekey rotates the target.
           */
          every?: string;
          /**
           * Also request rights on this repository from the registry.
           */
          repository?: string;
          /**
           * @minItems 1
           */
          actions?: ('pull' | 'push' | 'delete' | '*')[];
          /**
           * Tag or digest in the repository to look up with the fresh credential.
           */
          manifest?: string;
        };
        /**
         * How old a credential may become, at least 15m.
         */
        interval?: string;
        /**
         * How long the previous credential stays alive after a rotation; shorter than the interval.
         */
        grace?: string;
        /**
         * How long a credential stays disabled before it is deleted, if the provider can disable.
         */
        soak?: string;
        /**
         * The grace of a credential that was reported as compromised.
         */
        compromisedGrace?: string;
        former?: Former;
        provider: 'digitalocean';
        /**
         * Parameters of digitalocean.
         */
        params: {
          /**
           * Name of the container registry.
           */
          registry: string;
          /**
           * Whether the credentials may push and delete, too.
           */
          readWrite?: boolean;
          /**
           * registry: the deprecated API for accounts with a single registry.
           */
          api?: 'registries' | 'registry';
        };
      }
    | {
        /**
         * Name of the target, unique in the fleet.
         */
        name: string;
        /**
         * Name of the secret it is stored in. Default: rekey/<fleet>/<name>.
         */
        secret?: string;
        /**
         * Name of the secret that holds the admin credential for the provider.
         */
        admin: string;
        format?: 'fields' | 'dockerconfigjson';
        /**
         * secrets-manager: Secrets Manager starts the rotations, so that the console, AWS Config and Security Hub show them.
         */
        driver?: 'rekey' | 'secrets-manager';
        /**
         * Scheduled rotations start only while this window is open. Requests and compromises do not wait for it.
         */
        window?: {
          /**
           * When the window opens: minute, hour, day of month, month, day of week.
           */
          cron: string;
          timezone?: string;
          /**
           * How long it stays open.
           */
          duration: string;
        };
        /**
         * How a credential is proven at its registry.
         */
        verify?: {
          /**
           * How long the registry may take to accept a fresh credential or refuse a revoked one, at most 5m.
           */
          within?: string;
          /**
           * How often the current credential is checked at the registry; 0s: never. After two refusals in a row, rekey rotates the target.
           */
          every?: string;
          /**
           * Also request rights on this repository from the registry.
           */
          repository?: string;
          /**
           * @minItems 1
           */
          actions?: ('pull' | 'push' | 'delete' | '*')[];
          /**
           * Tag or digest in the repository to look up with the fresh credential.
           */
          manifest?: string;
        };
        /**
         * How old a credential may become, at least 15m.
         */
        interval?: string;
        /**
         * How long the previous credential stays alive after a rotation; shorter than the interval.
         */
        grace?: string;
        /**
         * How long a credential stays disabled before it is deleted, if the provider can disable.
         */
        soak?: string;
        /**
         * The grace of a credential that was reported as compromised.
         */
        compromisedGrace?: string;
        former?: Former;
        provider: 'gitlab-deploy-token';
        /**
         * Parameters of gitlab-deploy-token.
         */
        params: {
          /**
           * Origin of a self-managed GitLab. Default: https://gitlab.com.
           */
          endpoint?: string;
          /**
           * Host, and perhaps port, of the registry of a self-managed GitLab.
           */
          registry?: string;
          /**
           * The project whose registry the tokens are for.
           */
          project?: string;
          /**
           * In place of a project: a group, with all its projects.
           */
          group?: string;
          /**
           * What the tokens may do.
           *
           * @minItems 1
           */
          scopes?: ('read_registry' | 'write_registry')[];
        };
      }
    | {
        /**
         * Name of the target, unique in the fleet.
         */
        name: string;
        /**
         * Name of the secret it is stored in. Default: rekey/<fleet>/<name>.
         */
        secret?: string;
        /**
         * Name of the secret that holds the admin credential for the provider.
         */
        admin: string;
        format?: 'fields' | 'dockerconfigjson';
        /**
         * secrets-manager: Secrets Manager starts the rotations, so that the console, AWS Config and Security Hub show them.
         */
        driver?: 'rekey' | 'secrets-manager';
        /**
         * Scheduled rotations start only while this window is open. Requests and compromises do not wait for it.
         */
        window?: {
          /**
           * When the window opens: minute, hour, day of month, month, day of week.
           */
          cron: string;
          timezone?: string;
          /**
           * How long it stays open.
           */
          duration: string;
        };
        /**
         * How a credential is proven at its registry.
         */
        verify?: {
          /**
           * How long the registry may take to accept a fresh credential or refuse a revoked one, at most 5m.
           */
          within?: string;
          /**
           * How often the current credential is checked at the registry; 0s: never. After two refusals in a row, rekey rotates the target.
           */
          every?: string;
          /**
           * Also request rights on this repository from the registry.
           */
          repository?: string;
          /**
           * @minItems 1
           */
          actions?: ('pull' | 'push' | 'delete' | '*')[];
          /**
           * Tag or digest in the repository to look up with the fresh credential.
           */
          manifest?: string;
        };
        /**
         * How old a credential may become, at least 15m.
         */
        interval?: string;
        /**
         * How long the previous credential stays alive after a rotation; shorter than the interval.
         */
        grace?: string;
        /**
         * How long a credential stays disabled before it is deleted, if the provider can disable.
         */
        soak?: string;
        /**
         * The grace of a credential that was reported as compromised.
         */
        compromisedGrace?: string;
        former?: Former;
        provider: 'harbor-robot';
        /**
         * Parameters of harbor-robot.
         */
        params: {
          /**
           * Origin of the Harbor, https://<host>.
           */
          endpoint: string;
          /**
           * The project whose repositories the robots may use.
           */
          project: string;
          /**
           * What the robots may do in the project.
           */
          actions?: ('pull' | 'push')[];
        };
      }
    | {
        /**
         * Name of the target, unique in the fleet.
         */
        name: string;
        /**
         * Name of the secret it is stored in. Default: rekey/<fleet>/<name>.
         */
        secret?: string;
        /**
         * Name of the secret that holds the admin credential for the provider.
         */
        admin: string;
        format?: 'fields' | 'dockerconfigjson';
        /**
         * secrets-manager: Secrets Manager starts the rotations, so that the console, AWS Config and Security Hub show them.
         */
        driver?: 'rekey' | 'secrets-manager';
        /**
         * Scheduled rotations start only while this window is open. Requests and compromises do not wait for it.
         */
        window?: {
          /**
           * When the window opens: minute, hour, day of month, month, day of week.
           */
          cron: string;
          timezone?: string;
          /**
           * How long it stays open.
           */
          duration: string;
        };
        /**
         * How a credential is proven at its registry.
         */
        verify?: {
          /**
           * How long the registry may take to accept a fresh credential or refuse a revoked one, at most 5m.
           */
          within?: string;
          /**
           * How often the current credential is checked at the registry; 0s: never. After two refusals in a row, rekey rotates the target.
           */
          every?: string;
          /**
           * Also request rights on this repository from the registry.
           */
          repository?: string;
          /**
           * @minItems 1
           */
          actions?: ('pull' | 'push' | 'delete' | '*')[];
          /**
           * Tag or digest in the repository to look up with the fresh credential.
           */
          manifest?: string;
        };
        /**
         * How old a credential may become, at least 15m.
         */
        interval?: string;
        /**
         * How long the previous credential stays alive after a rotation; shorter than the interval.
         */
        grace?: string;
        /**
         * How long a credential stays disabled before it is deleted, if the provider can disable.
         */
        soak?: string;
        /**
         * The grace of a credential that was reported as compromised.
         */
        compromisedGrace?: string;
        former?: Former;
        provider: 'huawei-swr-access-key';
        /**
         * Parameters of huawei-swr-access-key.
         */
        params: {
          /**
           * Region, such as ap-southeast-3.
           */
          region: string;
          /**
           * Domain of the cloud. Default: myhuaweicloud.com, for eu-west-101 myhuaweicloud.eu.
           */
          suffix?: string;
          /**
           * Id of the IAM user whose access keys are rotated: one of its own for each target.
           */
          userId: string;
          /**
           * Project to log in to. Default: the region’s own.
           */
          projectName?: string;
          /**
           * Id of the account, sent as X-Domain-Id where IAM asks for it.
           */
          domainId?: string;
        };
      }
    | {
        /**
         * Name of the target, unique in the fleet.
         */
        name: string;
        /**
         * Name of the secret it is stored in. Default: rekey/<fleet>/<name>.
         */
        secret?: string;
        /**
         * Name of the secret that holds the admin credential for the provider.
         */
        admin: string;
        format?: 'fields' | 'dockerconfigjson';
        /**
         * secrets-manager: Secrets Manager starts the rotations, so that the console, AWS Config and Security Hub show them.
         */
        driver?: 'rekey' | 'secrets-manager';
        /**
         * Scheduled rotations start only while this window is open. Requests and compromises do not wait for it.
         */
        window?: {
          /**
           * When the window opens: minute, hour, day of month, month, day of week.
           */
          cron: string;
          timezone?: string;
          /**
           * How long it stays open.
           */
          duration: string;
        };
        /**
         * How a credential is proven at its registry.
         */
        verify?: {
          /**
           * How long the registry may take to accept a fresh credential or refuse a revoked one, at most 5m.
           */
          within?: string;
          /**
           * How often the current credential is checked at the registry; 0s: never. After two refusals in a row, rekey rotates the target.
           */
          every?: string;
          /**
           * Also request rights on this repository from the registry.
           */
          repository?: string;
          /**
           * @minItems 1
           */
          actions?: ('pull' | 'push' | 'delete' | '*')[];
          /**
           * Tag or digest in the repository to look up with the fresh credential.
           */
          manifest?: string;
        };
        /**
         * How old a credential may become, at least 15m.
         */
        interval?: string;
        /**
         * How long the previous credential stays alive after a rotation; shorter than the interval.
         */
        grace?: string;
        /**
         * How long a credential stays disabled before it is deleted, if the provider can disable.
         */
        soak?: string;
        /**
         * The grace of a credential that was reported as compromised.
         */
        compromisedGrace?: string;
        former?: Former;
        provider: 'huawei-swr-enterprise';
        /**
         * Parameters of huawei-swr-enterprise.
         */
        params: {
          /**
           * Region, such as ap-southeast-3.
           */
          region: string;
          /**
           * Domain of the cloud. Default: myhuaweicloud.com, for eu-west-101 myhuaweicloud.eu.
           */
          suffix?: string;
          /**
           * Id of the project that the instance is in.
           */
          projectId: string;
          /**
           * Id of the Enterprise Edition instance.
           */
          instanceId: string;
        };
      }
    | {
        /**
         * Name of the target, unique in the fleet.
         */
        name: string;
        /**
         * Name of the secret it is stored in. Default: rekey/<fleet>/<name>.
         */
        secret?: string;
        /**
         * Name of the secret that holds the admin credential for the provider.
         */
        admin: string;
        format?: 'fields' | 'dockerconfigjson';
        /**
         * secrets-manager: Secrets Manager starts the rotations, so that the console, AWS Config and Security Hub show them.
         */
        driver?: 'rekey' | 'secrets-manager';
        /**
         * Scheduled rotations start only while this window is open. Requests and compromises do not wait for it.
         */
        window?: {
          /**
           * When the window opens: minute, hour, day of month, month, day of week.
           */
          cron: string;
          timezone?: string;
          /**
           * How long it stays open.
           */
          duration: string;
        };
        /**
         * How a credential is proven at its registry.
         */
        verify?: {
          /**
           * How long the registry may take to accept a fresh credential or refuse a revoked one, at most 5m.
           */
          within?: string;
          /**
           * How often the current credential is checked at the registry; 0s: never. After two refusals in a row, rekey rotates the target.
           */
          every?: string;
          /**
           * Also request rights on this repository from the registry.
           */
          repository?: string;
          /**
           * @minItems 1
           */
          actions?: ('pull' | 'push' | 'delete' | '*')[];
          /**
           * Tag or digest in the repository to look up with the fresh credential.
           */
          manifest?: string;
        };
        /**
         * How old a credential may become, at least 15m.
         */
        interval?: string;
        /**
         * How long the previous credential stays alive after a rotation; shorter than the interval.
         */
        grace?: string;
        /**
         * How long a credential stays disabled before it is deleted, if the provider can disable.
         */
        soak?: string;
        /**
         * The grace of a credential that was reported as compromised.
         */
        compromisedGrace?: string;
        former?: Former;
        provider: 'huawei-swr-enterprise-temporary';
        /**
         * Parameters of huawei-swr-enterprise-temporary.
         */
        params: {
          /**
           * Region, such as ap-southeast-3.
           */
          region: string;
          /**
           * Domain of the cloud. Default: myhuaweicloud.com, for eu-west-101 myhuaweicloud.eu.
           */
          suffix?: string;
          /**
           * Id of the project that the instance is in.
           */
          projectId: string;
          /**
           * Id of the Enterprise Edition instance.
           */
          instanceId: string;
        };
      }
    | {
        /**
         * Name of the target, unique in the fleet.
         */
        name: string;
        /**
         * Name of the secret it is stored in. Default: rekey/<fleet>/<name>.
         */
        secret?: string;
        /**
         * Name of the secret that holds the admin credential for the provider.
         */
        admin: string;
        format?: 'fields' | 'dockerconfigjson';
        /**
         * secrets-manager: Secrets Manager starts the rotations, so that the console, AWS Config and Security Hub show them.
         */
        driver?: 'rekey' | 'secrets-manager';
        /**
         * Scheduled rotations start only while this window is open. Requests and compromises do not wait for it.
         */
        window?: {
          /**
           * When the window opens: minute, hour, day of month, month, day of week.
           */
          cron: string;
          timezone?: string;
          /**
           * How long it stays open.
           */
          duration: string;
        };
        /**
         * How a credential is proven at its registry.
         */
        verify?: {
          /**
           * How long the registry may take to accept a fresh credential or refuse a revoked one, at most 5m.
           */
          within?: string;
          /**
           * How often the current credential is checked at the registry; 0s: never. After two refusals in a row, rekey rotates the target.
           */
          every?: string;
          /**
           * Also request rights on this repository from the registry.
           */
          repository?: string;
          /**
           * @minItems 1
           */
          actions?: ('pull' | 'push' | 'delete' | '*')[];
          /**
           * Tag or digest in the repository to look up with the fresh credential.
           */
          manifest?: string;
        };
        /**
         * How old a credential may become, at least 15m.
         */
        interval?: string;
        /**
         * How long the previous credential stays alive after a rotation; shorter than the interval.
         */
        grace?: string;
        /**
         * How long a credential stays disabled before it is deleted, if the provider can disable.
         */
        soak?: string;
        /**
         * The grace of a credential that was reported as compromised.
         */
        compromisedGrace?: string;
        former?: Former;
        provider: 'huawei-swr-temporary';
        /**
         * Parameters of huawei-swr-temporary.
         */
        params: {
          /**
           * Region, such as ap-southeast-3.
           */
          region: string;
          /**
           * Domain of the cloud. Default: myhuaweicloud.com, for eu-west-101 myhuaweicloud.eu.
           */
          suffix?: string;
          /**
           * secret: lives 6 hours. authorizationtoken: lives a day, on the new IAM plane only.
           */
          kind?: 'secret' | 'authorizationtoken';
          /**
           * Project that a secret is for. Default: the region’s own.
           */
          projectName?: string;
          /**
           * Id of that project, where it is not the region’s own.
           */
          projectId?: string;
          /**
           * How long a secret lives, in regions that know duration_seconds.
           */
          durationSeconds?: number;
        };
      }
    | {
        /**
         * Name of the target, unique in the fleet.
         */
        name: string;
        /**
         * Name of the secret it is stored in. Default: rekey/<fleet>/<name>.
         */
        secret?: string;
        /**
         * Name of the secret that holds the admin credential for the provider.
         */
        admin: string;
        format?: 'fields' | 'dockerconfigjson';
        /**
         * secrets-manager: Secrets Manager starts the rotations, so that the console, AWS Config and Security Hub show them.
         */
        driver?: 'rekey' | 'secrets-manager';
        /**
         * Scheduled rotations start only while this window is open. Requests and compromises do not wait for it.
         */
        window?: {
          /**
           * When the window opens: minute, hour, day of month, month, day of week.
           */
          cron: string;
          timezone?: string;
          /**
           * How long it stays open.
           */
          duration: string;
        };
        /**
         * How a credential is proven at its registry.
         */
        verify?: {
          /**
           * How long the registry may take to accept a fresh credential or refuse a revoked one, at most 5m.
           */
          within?: string;
          /**
           * How often the current credential is checked at the registry; 0s: never. After two refusals in a row, rekey rotates the target.
           */
          every?: string;
          /**
           * Also request rights on this repository from the registry.
           */
          repository?: string;
          /**
           * @minItems 1
           */
          actions?: ('pull' | 'push' | 'delete' | '*')[];
          /**
           * Tag or digest in the repository to look up with the fresh credential.
           */
          manifest?: string;
        };
        /**
         * How old a credential may become, at least 15m.
         */
        interval?: string;
        /**
         * How long the previous credential stays alive after a rotation; shorter than the interval.
         */
        grace?: string;
        /**
         * How long a credential stays disabled before it is deleted, if the provider can disable.
         */
        soak?: string;
        /**
         * The grace of a credential that was reported as compromised.
         */
        compromisedGrace?: string;
        former?: Former;
        provider: 'ionos';
        /**
         * Parameters of ionos.
         */
        params: {
          /**
           * Id of the container registry.
           */
          registryId: string;
          /**
           * What the tokens may do.
           *
           * @minItems 1
           */
          scopes: {
            /**
             * repository: its content; registry: the list of repositories.
             */
            type: 'repository' | 'registry';
            /**
             * A repository, or * for all.
             */
            name: string;
            /**
             * @minItems 1
             */
            actions: ('pull' | 'push' | 'delete')[];
          }[];
          /**
           * For an admin user with several contracts: the one that the registry belongs to.
           */
          contractNumber?: string;
        };
      }
    | {
        /**
         * Name of the target, unique in the fleet.
         */
        name: string;
        /**
         * Name of the secret it is stored in. Default: rekey/<fleet>/<name>.
         */
        secret?: string;
        /**
         * Name of the secret that holds the admin credential for the provider.
         */
        admin: string;
        format?: 'fields' | 'dockerconfigjson';
        /**
         * secrets-manager: Secrets Manager starts the rotations, so that the console, AWS Config and Security Hub show them.
         */
        driver?: 'rekey' | 'secrets-manager';
        /**
         * Scheduled rotations start only while this window is open. Requests and compromises do not wait for it.
         */
        window?: {
          /**
           * When the window opens: minute, hour, day of month, month, day of week.
           */
          cron: string;
          timezone?: string;
          /**
           * How long it stays open.
           */
          duration: string;
        };
        /**
         * How a credential is proven at its registry.
         */
        verify?: {
          /**
           * How long the registry may take to accept a fresh credential or refuse a revoked one, at most 5m.
           */
          within?: string;
          /**
           * How often the current credential is checked at the registry; 0s: never. After two refusals in a row, rekey rotates the target.
           */
          every?: string;
          /**
           * Also request rights on this repository from the registry.
           */
          repository?: string;
          /**
           * @minItems 1
           */
          actions?: ('pull' | 'push' | 'delete' | '*')[];
          /**
           * Tag or digest in the repository to look up with the fresh credential.
           */
          manifest?: string;
        };
        /**
         * How old a credential may become, at least 15m.
         */
        interval?: string;
        /**
         * How long the previous credential stays alive after a rotation; shorter than the interval.
         */
        grace?: string;
        /**
         * How long a credential stays disabled before it is deleted, if the provider can disable.
         */
        soak?: string;
        /**
         * The grace of a credential that was reported as compromised.
         */
        compromisedGrace?: string;
        former?: Former;
        provider: 'quay-oauth-token';
        /**
         * Parameters of quay-oauth-token.
         */
        params: {
          /**
           * Origin of a self-hosted Quay, https://<host>. Default: https://quay.io.
           */
          endpoint?: string;
          /**
           * The repository that the tokens are for, with its namespace.
           */
          repository: string;
          /**
           * What the tokens may do.
           */
          actions?: ('pull' | 'push')[];
        };
      }
    | {
        /**
         * Name of the target, unique in the fleet.
         */
        name: string;
        /**
         * Name of the secret it is stored in. Default: rekey/<fleet>/<name>.
         */
        secret?: string;
        /**
         * Name of the secret that holds the admin credential for the provider.
         */
        admin: string;
        format?: 'fields' | 'dockerconfigjson';
        /**
         * secrets-manager: Secrets Manager starts the rotations, so that the console, AWS Config and Security Hub show them.
         */
        driver?: 'rekey' | 'secrets-manager';
        /**
         * Scheduled rotations start only while this window is open. Requests and compromises do not wait for it.
         */
        window?: {
          /**
           * When the window opens: minute, hour, day of month, month, day of week.
           */
          cron: string;
          timezone?: string;
          /**
           * How long it stays open.
           */
          duration: string;
        };
        /**
         * How a credential is proven at its registry.
         */
        verify?: {
          /**
           * How long the registry may take to accept a fresh credential or refuse a revoked one, at most 5m.
           */
          within?: string;
          /**
           * How often the current credential is checked at the registry; 0s: never. After two refusals in a row, rekey rotates the target.
           */
          every?: string;
          /**
           * Also request rights on this repository from the registry.
           */
          repository?: string;
          /**
           * @minItems 1
           */
          actions?: ('pull' | 'push' | 'delete' | '*')[];
          /**
           * Tag or digest in the repository to look up with the fresh credential.
           */
          manifest?: string;
        };
        /**
         * How old a credential may become, at least 15m.
         */
        interval?: string;
        /**
         * How long the previous credential stays alive after a rotation; shorter than the interval.
         */
        grace?: string;
        /**
         * How long a credential stays disabled before it is deleted, if the provider can disable.
         */
        soak?: string;
        /**
         * The grace of a credential that was reported as compromised.
         */
        compromisedGrace?: string;
        former?: Former;
        provider: 'quay-robot';
        /**
         * Parameters of quay-robot.
         */
        params: {
          /**
           * Origin of a self-hosted Quay, https://<host>. Default: https://quay.io.
           */
          endpoint?: string;
          /**
           * The organization whose robots are issued.
           */
          organization: string;
          /**
           * Short name of the robot, made by hand, whose rights the first issued one is given.
           */
          robot: string;
        };
      }
  )[];
}
