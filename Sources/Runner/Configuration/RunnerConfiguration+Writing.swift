internal import KubernetesAPI
public import OrderedJSON
internal import PositionedYAML

extension RunnerConfiguration {
    /// The configuration in the shape of the file, keys in the order of the documentation.
    ///
    /// - Parameter showsSensitive: otherwise keys, tokens and the user of a proxy are hidden.
    public func json(showsSensitive: Bool) -> JSON {
        var json: JSON = [:]
        if let summary { json["description"] = .string(summary) }
        json["runner_configuration"] = runnerJSON(showsSensitive)
        switch stateStorage {
        case .kubernetes(let namespace, let backend):
            var storage: JSON = ["type": "kubernetes", "namespace": .string(namespace)]
            // A file that says nothing of our own works elsewhere, too.
            if backend != .kubernetes { storage["backend"] = .string(backend.rawValue) }
            json["state_storage_configuration"] = storage
        }
        return json
    }

    /// The file that says the same. With sensitive values shown, reading it gives an equal configuration.
    public func yaml(showsSensitive: Bool) throws -> String {
        String(decoding: try YAMLWriter.document(json(showsSensitive: showsSensitive), isSorted: false), as: UTF8.self)
    }

    private func runnerJSON(_ showsSensitive: Bool) -> JSON {
        var json: JSON = ["type": .string(runner.type.rawValue)]
        switch runner {
        case .kubernetes(let cluster): json["cluster"] = cluster.json(showsSensitive)
        case .gke(let cluster): json["cluster"] = cluster.json(showsSensitive)
        case .eks(let cluster): json["cluster"] = cluster.json
        case .agent(let publicKey): json["key"] = .string(publicKey)
        }
        json["job"] = [
            "namespace": .string(job.namespace), "service_account": .string(job.serviceAccount),
        ]
        if let template = job.podTemplate { json["job"]?["pod_template"] = template }
        return json
    }
}

extension KubernetesClusterSettings {
    fileprivate func json(_ showsSensitive: Bool) -> JSON {
        var data: JSON = [
            "certificate_authority_data": .string(Base64.encode(Array(certificateAuthority.utf8))),
            "server": .string(server),
        ]
        data["proxy_url"] = proxyURL?.proxy(showsSensitive)
        let auth: JSON =
            switch authentication {
            case .clientCertificate(let certificate, let key):
                [
                    "client_certificate_data": .string(Base64.encode(Array(certificate.utf8))),
                    "client_key_data":
                        .string(showsSensitive ? Base64.encode(Array(key.value.utf8)) : SensitiveText.hidden),
                ]
            case .serviceAccountToken(let token):
                ["service_account_token": .string(showsSensitive ? token.value : SensitiveText.hidden)]
            }
        return ["cluster_data": data, "auth": auth]
    }
}

extension GKEClusterSettings {
    fileprivate func json(_ showsSensitive: Bool) -> JSON {
        var json: JSON = [
            "name": .string(name), "project_id": .string(projectID), "location": .string(location),
        ]
        json["proxy_url"] = proxyURL?.proxy(showsSensitive)
        if let internalIP { json["internal_ip"] = .bool(internalIP) }
        json["auth"] = ["gcp_audience": .string(audience), "gcp_service_account": .string(serviceAccount)]
        return json
    }
}

extension EKSClusterSettings {
    fileprivate var json: JSON {
        var auth: JSON = ["role_arn": .string(roleARN)]
        if let sessionName { auth["session_name"] = .string(sessionName) }
        if let stsRegion { auth["sts_region"] = .string(stsRegion) }
        return ["name": .string(name), "region": .string(region), "auth": auth]
    }
}

extension SensitiveText {
    /// The address of a proxy, with the user and password that it may hold.
    fileprivate func proxy(_ showsSensitive: Bool) -> JSON {
        guard !showsSensitive, let scheme = value.firstRange(of: "://"), let at = value.lastIndex(of: "@") else {
            return .string(value)
        }
        return .string(value[..<scheme.upperBound] + Self.hidden + value[at...])
    }
}
