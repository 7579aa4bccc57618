/// What is wrong with the runner and its cluster.
extension BadConfiguration {
    private typealias Good = ConfigurationSamples
    private static let cluster = "runner_configuration.cluster"

    // MARK: kubernetes

    static let kubernetes: [BadConfiguration] = [
        BadConfiguration(
            "no server", Good.token, "      server: https://cluster.test:6443\n", "",
            ("5:7", "\(cluster).cluster_data.server", "is missing; allowed: https://host[:port][/path]")),
        BadConfiguration(
            "a server over http", Good.token, "https://cluster", "http://cluster",
            ("6:15", "\(cluster).cluster_data.server", "unencrypted over http://")),
        BadConfiguration(
            "a server without a scheme", Good.token, "https://cluster.test:6443", "cluster.test",
            ("6:15", "\(cluster).cluster_data.server", "is not such an address")),
        BadConfiguration(
            "a server with a user", Good.token, "https://cluster", "https://me:secret@cluster",
            ("6:15", "\(cluster).cluster_data.server", "is not such an address")),
        BadConfiguration(
            "a server with a port that is none", Good.token, ":6443", ":644300",
            ("6:15", "\(cluster).cluster_data.server", "is not such an address")),
        BadConfiguration(
            "a proxy that is none", Good.certificate, "http://user:password@proxy.test:3128",
            "ftp://user:password@proxy",
            ("8:18", "\(cluster).cluster_data.proxy_url", "is not the address of such a proxy")),
        BadConfiguration(
            "an authority that is not base64", Good.token, Good.authority, "abc!",
            ("5:35", "\(cluster).cluster_data.certificate_authority_data", "is not base64")),
        BadConfiguration(
            "an authority that is base64 of something else", Good.token, Good.authority, "aGVsbG8=",
            ("5:35", "\(cluster).cluster_data.certificate_authority_data", "not of a PEM certificate")),
        BadConfiguration(
            "an authority that is PEM itself", Good.token, Good.authority,
            "|\n        -----BEGIN CERTIFICATE-----\n        AAAA\n        -----END CERTIFICATE-----",
            ("5:35", "\(cluster).cluster_data.certificate_authority_data", "is PEM itself; encode it: base64 -w0")),
        BadConfiguration(
            "no verification", Good.token, "      server:", "      insecure_skip_tls_verify: true\n      server:",
            ("6:7", "\(cluster).cluster_data.insecure_skip_tls_verify", "the server is always verified")),
        BadConfiguration(
            "no cluster data", Good.token, "    cluster_data:", "    clusterdata:",
            ("4:5", "\(cluster).clusterdata", "did you mean 'cluster_data'?"),
            ("4:5", "\(cluster).cluster_data", "is missing")),
        BadConfiguration(
            "no credentials", Good.token, "{service_account_token: abc.def.ghi}", "{}",
            ("7:11", "\(cluster).auth", "has no credentials; allowed: client_certificate_data with client_key_data, or")
        ),
        BadConfiguration(
            "both kinds of credentials", Good.certificate, "    auth:\n",
            "    auth:\n      service_account_token: abc\n",
            ("10:7", "\(cluster).auth.service_account_token", "remove one of the two")),
        BadConfiguration(
            "a certificate without its key", Good.certificate, "      client_key_data: \(Good.clientKey)\n", "",
            ("10:7", "\(cluster).auth.client_key_data", "'client_certificate_data' is worth nothing without it")),
        BadConfiguration(
            "a key without its certificate", Good.certificate,
            "      client_certificate_data: \(Good.clientCertificate)\n", "",
            ("10:7", "\(cluster).auth.client_certificate_data", "'client_key_data' is worth nothing without it")),
        BadConfiguration(
            "the key of another certificate", Good.certificate, Good.clientKey, Good.otherKey,
            ("11:24", "\(cluster).auth.client_key_data", "is not the key of client_certificate_data")),
        BadConfiguration(
            "a certificate for a key", Good.certificate, Good.clientKey, Good.clientCertificate,
            ("11:24", "\(cluster).auth.client_key_data", "not of an unencrypted PEM key")),
        BadConfiguration(
            "a key for a certificate", Good.certificate, Good.clientCertificate, Good.clientKey,
            ("10:32", "\(cluster).auth.client_certificate_data", "not of a PEM certificate")),
        BadConfiguration(
            "a token of two words", Good.token, "abc.def.ghi", "'abc def'",
            ("7:35", "\(cluster).auth.service_account_token", "characters that no token has")),
        BadConfiguration(
            "an empty token", Good.token, "abc.def.ghi", "''",
            ("7:35", "\(cluster).auth.service_account_token", "is empty")),
        BadConfiguration(
            "a token that is a number", Good.token, "abc.def.ghi", "12345",
            ("7:35", "\(cluster).auth.service_account_token", "found a number; put it in quotes")),
        BadConfiguration(
            "the keys of a kubeconfig", Good.token, "{service_account_token: abc.def.ghi}", "{token: abc}",
            ("7:11", "\(cluster).auth", "has no credentials"),
            ("7:12", "\(cluster).auth.token", "unknown key 'token' in")),
        BadConfiguration(
            "a value where a key belongs", Good.token, "{service_account_token: abc.def.ghi}",
            "\n      service_account_token: abc\n      \(Good.clientKey): x",
            ("9:7", "\(cluster).auth", "something that is no key stands where a key belongs")),
        BadConfiguration(
            "everything at once",
            """
            runner_configuration:
              type: kubernetes
              clusters: {}
              job:
                namespace: Upper
                serviceaccount: runner
            state_storage_configuration:
              type: Kubernetes
              namespace: a.b

            """, ("2:3", "\(cluster)", "is missing"),
            ("3:3", "runner_configuration.clusters", "did you mean 'cluster'?"),
            ("5:5", "runner_configuration.job.service_account", "is missing"),
            ("5:16", "runner_configuration.job.namespace", "'Upper' is not the name of a namespace"),
            ("6:5", "runner_configuration.job.serviceaccount", "did you mean 'service_account'?"),
            ("8:9", "state_storage_configuration.type", "did you mean 'kubernetes'?"),
            ("9:14", "state_storage_configuration.namespace", "'a.b' is not the name of a namespace")),
    ]

    // MARK: kubernetes-gke, kubernetes-eks

    static let clouds: [BadConfiguration] = [
        BadConfiguration(
            "no project", Good.gke, "    project_id: my-gcp-project\n", "",
            ("4:5", "\(cluster).project_id", "is missing")),
        BadConfiguration(
            "the project by another name", Good.gke, "project_id", "projectId",
            ("4:5", "\(cluster).project_id", "is missing"),
            ("5:5", "\(cluster).projectId", "did you mean 'project_id'?")),
        BadConfiguration(
            "a name that is an option", Good.gke, "my-cluster", "--help",
            ("4:11", "\(cluster).name", "does not begin with '-'")),
        BadConfiguration(
            "a location with a space", Good.gke, "europe-west3", "europe west3",
            ("6:15", "\(cluster).location", "'europe west3' is not such a name")),
        BadConfiguration(
            "a flag that is a word", Good.gke, "internal_ip: false", "internal_ip: \"false\"",
            ("7:18", "\(cluster).internal_ip", "expected true or false, found a string")),
        BadConfiguration(
            "no audience", Good.gke,
            "      gcp_audience: //iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/r\n",
            "", ("9:7", "\(cluster).auth.gcp_audience", "is missing")),
        BadConfiguration(
            "a service account that is no address", Good.gke, "runner@my-gcp-project.iam.gserviceaccount.com", "runner",
            ("10:28", "\(cluster).auth.gcp_service_account", "'runner' is not such an address")),
        BadConfiguration(
            "the proxy of EKS", Good.eks, "    region:", "    proxy_url: http://proxy:3128\n    region:",
            ("5:5", "\(cluster).proxy_url", "allowed: name, region, auth")),
        BadConfiguration(
            "a region that is empty", Good.eks, " us-west-2", "", ("5:5", "\(cluster).region", "has no value")),
        BadConfiguration(
            "a role that is a name", Good.eks, "arn:aws:iam::123456789012:role/EksRunnerRole", "EksRunnerRole",
            ("7:17", "\(cluster).auth.role_arn", "'EksRunnerRole' is not the ARN of an IAM role")),
        BadConfiguration(
            "a user in place of a role", Good.eks, ":role/EksRunnerRole", ":user/me",
            ("7:17", "\(cluster).auth.role_arn", "is not the ARN of an IAM role")),
        BadConfiguration(
            "a session of two words", Good.eks, "humanitec-runner-session", "my session",
            ("8:21", "\(cluster).auth.session_name", "'my session' is not the name of a session")),
        BadConfiguration(
            "an auth that is a list", Good.eks,
            "\n      role_arn: arn:aws:iam::123456789012:role/EksRunnerRole\n      session_name: humanitec-runner-session\n"
                + "      sts_region: us-east-1\n", " [a]\n",
            ("6:11", "\(cluster).auth", "expected a mapping, found a list")),
    ]

    // MARK: kubernetes-agent

    static let agent: [BadConfiguration] = [
        BadConfiguration(
            "no key", Good.agent,
            """
              key: |
                -----BEGIN PUBLIC KEY-----
                MCowBQYDK2VwAyEAc5dgCx4ano39JT0XgTsHnts3jej+5xl7ZAwSIrKpef0=
                -----END PUBLIC KEY-----

            """, "", ("2:3", "runner_configuration.key", "is missing")),
        BadConfiguration(
            "a private key", Good.agent, "-----BEGIN PUBLIC KEY-----\n", "-----BEGIN PRIVATE KEY-----\n",
            ("3:8", "runner_configuration.key", "only its public half belongs here")),
        BadConfiguration(
            "a key of another kind", Good.agent, "MCowBQYDK2VwAyEAc5dgCx4ano39JT0XgTsHnts3jej+5xl7ZAwSIrKpef0=",
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAELbYZ+PZvTUZtLcLAOToXhDKBqnExLb4nJlpKsxvo3kK1wE9VH/9EOAAUMEJw8KE73NKgv9M5wmm/"
                + "nppF8jHwUA==", ("3:8", "runner_configuration.key", "but not an Ed25519 one")),
        BadConfiguration(
            "a key that is cut short", Good.agent, "SIrKpef0=\n", "SIrKp\n",
            ("3:8", "runner_configuration.key", "but not an Ed25519 one")),
        BadConfiguration(
            "a key that is folded", Good.agent, "key: |", "key:", ("4:5", "runner_configuration.key", "after 'key: |'")),
        BadConfiguration(
            "a key that is base64 alone", Good.agent,
            """
             |
                -----BEGIN PUBLIC KEY-----
                MCowBQYDK2VwAyEAc5dgCx4ano39JT0XgTsHnts3jej+5xl7ZAwSIrKpef0=
                -----END PUBLIC KEY-----

            """, " MCowBQYDK2VwAyEAc5dgCx4ano39JT0XgTsHnts3jej+5xl7ZAwSIrKpef0=\n",
            ("3:8", "runner_configuration.key", "is not a PEM public key")),
        BadConfiguration(
            "a cluster", Good.agent, "  job:", "  cluster: {}\n  job:",
            ("7:3", "runner_configuration.cluster", "uses the cluster that it runs in")),
    ]
}
