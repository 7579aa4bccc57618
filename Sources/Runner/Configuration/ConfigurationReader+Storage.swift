internal import PositionedYAML

extension ConfigurationReader {
    /// `backend` is an extension of ours; the platform's files do without.
    private static let storageKeys = ["type", "namespace", "backend"]
    private static let backends = StateBackend.allCases.map(\.rawValue)
    /// State storage types that exist elsewhere.
    private static let foreignStorageTypes = ["s3", "gcs", "azurerm"]

    /// - Parameter runnerType: nil when it is not known.
    func stateStorage(_ root: ConfigurationMapping, runnerType: RunnerType?) -> StateStorageSettings? {
        let type = root.member("state_storage_configuration")?.value["type"]?.value.string
        // The keys of a type that is not ours are not ours to judge.
        let isForeign = type.map(Self.foreignStorageTypes.contains) ?? false
        let storage = root.mapping("state_storage_configuration", known: isForeign ? nil : Self.storageKeys) { key in
            key == "kubernetes_configuration"
                ? "that is how the Terraform provider has it; in this file 'namespace' stands beside 'type'" : nil
        }
        guard let storage else { return nil }
        let found = storage.text("type", allowed: "kubernetes") { fault(ofType: $0, runnerType) }
        guard !isForeign else { return nil }
        let namespace = storage.text("namespace", allowed: FieldRules.label, fault: FieldRules.labelFault)
        let backend = storage.text(
            "backend", isRequired: false, allowed: Self.backends.joined(separator: ", "), fault: Self.fault(ofBackend:))
        guard found != nil, let namespace else { return nil }
        return .kubernetes(
            namespace: namespace.value, backend: backend.flatMap { StateBackend(rawValue: $0.value) } ?? .kubernetes)
    }

    private static func fault(ofBackend name: String) -> String? {
        guard StateBackend(rawValue: name) == nil else { return nil }
        let near = NearName.of(name, among: backends).map { "; did you mean '\($0)'?" } ?? ""
        return "\(Quoting.quoted(name)) is not a backend by which engines come to their state\(near)"
    }

    private func fault(ofType type: String, _ runnerType: RunnerType?) -> String? {
        if Self.foreignStorageTypes.contains(type) {
            return "state storage type '\(type)' exists, but Stowage stores state in none of "
                + "\(Self.foreignStorageTypes.joined(separator: ", ")) yet"
        }
        guard type == "kubernetes" else {
            let near = NearName.of(type, among: ["kubernetes"]).map { "; did you mean '\($0)'?" } ?? ""
            return "\(Quoting.quoted(type)) is not a state storage type\(near)"
        }
        guard runnerType == .serverlessECS else { return nil }
        return "state storage type 'kubernetes' is not compatible with runner type 'serverless-ecs', "
            + "it must be one of [s3]"
    }
}

/// Reads the cluster of a `kubernetes` runner.
struct KubernetesClusterReader {
    let problems: ConfigurationProblems

    func settings(_ runner: ConfigurationMapping) -> RunnerSettings? {
        guard let cluster = runner.mapping("cluster", known: ["cluster_data", "auth"]) else { return nil }
        let keys = ["certificate_authority_data", "server", "proxy_url"]
        let data = cluster.mapping("cluster_data", known: keys) { key in
            key == "insecure_skip_tls_verify" || key == "insecure-skip-tls-verify"
                ? "the server is always verified; give its authority" : nil
        }
        let server = data?.text("server", allowed: FieldRules.server, fault: FieldRules.serverFault)
        let authority = data?.text(
            "certificate_authority_data", allowed: KeyMaterial.certificates, fault: KeyMaterial.certificatesFault)
        let proxy = data?.text(
            "proxy_url", isRequired: false, allowed: FieldRules.proxy, fault: FieldRules.proxyFault)
        let authentication = authentication(cluster)
        guard let server, let authority, let authentication else { return nil }
        return .kubernetes(
            KubernetesClusterSettings(
                server: server.value, certificateAuthority: KeyMaterial.decoded(authority.value),
                proxyURL: proxy.map { SensitiveText($0.value) }, authentication: authentication))
    }

    private static let (certificateKey, keyKey, tokenKey) = (
        "client_certificate_data", "client_key_data", "service_account_token"
    )
    private static let forms = "client_certificate_data with client_key_data, or service_account_token"

    private func authentication(_ cluster: ConfigurationMapping) -> KubernetesClusterSettings.Authentication? {
        let known = [Self.certificateKey, Self.keyKey, Self.tokenKey]
        guard let auth = cluster.mapping("auth", known: known) else { return nil }
        let token = auth.text(
            Self.tokenKey, isRequired: false, allowed: FieldRules.token, fault: FieldRules.tokenFault)
        let certificate = auth.text(
            Self.certificateKey, isRequired: false, allowed: KeyMaterial.certificates,
            fault: KeyMaterial.certificatesFault)
        let key = auth.text(
            Self.keyKey, isRequired: false, allowed: KeyMaterial.privateKey, fault: KeyMaterial.privateKeyFault)
        let hasPair = auth.has(Self.certificateKey) || auth.has(Self.keyKey)
        if let member = auth.member(Self.tokenKey), hasPair {
            problems.add(
                member.keyMark, auth.key(Self.tokenKey),
                "given together with a client certificate or its key; remove one of the two", allowed: Self.forms)
            return nil
        }
        guard hasPair else {
            if !auth.has(Self.tokenKey) {
                problems.addMissing(auth.mark, auth.path, "has no credentials", allowed: Self.forms)
            }
            return token.map { .serviceAccountToken(SensitiveText($0.value)) }
        }
        for (name, other) in [(Self.certificateKey, Self.keyKey), (Self.keyKey, Self.certificateKey)]
        where !auth.has(name) {
            problems.addMissing(
                auth.mark, auth.key(name), "is missing: '\(other)' is worth nothing without it", allowed: Self.forms)
        }
        guard let certificate, let key else { return nil }
        let pair = (certificate: KeyMaterial.decoded(certificate.value), key: KeyMaterial.decoded(key.value))
        guard KeyMaterial.belongTogether(pair.certificate, pair.key) else {
            problems.add(
                key.mark, key.path, "is not the key of client_certificate_data",
                allowed: "the key of that certificate")
            return nil
        }
        return .clientCertificate(certificate: pair.certificate, key: SensitiveText(pair.key))
    }
}
