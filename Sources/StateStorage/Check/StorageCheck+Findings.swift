internal import KubernetesAPI
internal import OrderedJSON

extension StorageCheck {
    // MARK: - The cluster

    /// nil where the cluster answers, and does not tell its version.
    func version() async throws -> ServerVersion? {
        do {
            return try await client.serverVersion()
        } catch let error as KubernetesError where error.code == .forbidden {
            return nil
        }
    }

    func clusterFinding(_ version: ServerVersion?) -> CheckFinding {
        let what = "\(client.connection.server) (\(client.connection.description))"
        guard let version else { return CheckFinding(.cluster, .unknown, "\(what) answers; its version is not told") }
        return CheckFinding(.cluster, .ok, "\(what) answers, Kubernetes \(version.text)")
    }

    /// Skew beyond which leases are judged wrongly; engines themselves do not look at the time.
    private static let toleratedSkew = 2.0

    func clockFinding(_ version: ServerVersion?) -> CheckFinding {
        guard let version, let skew = version.clockSkew else {
            return CheckFinding(.clock, .unknown, "the cluster does not tell the time")
        }
        let excess = abs(skew) - version.clockUncertainty
        guard excess > Self.toleratedSkew else {
            let bound = Self.text(tenths: abs(skew) + version.clockUncertainty)
            return CheckFinding(.clock, .ok, "the cluster's clock and this machine's differ by \(bound) s at most")
        }
        return CheckFinding(
            .clock, .note,
            "the cluster's clock is \(Self.text(tenths: abs(skew))) s \(skew > 0 ? "ahead of" : "behind") this machine's: "
                + "ages of locks and tokens are judged wrongly; set both by NTP")
    }

    private static func text(tenths value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    func namespaceFinding() async -> CheckFinding {
        let name = request.namespace
        do {
            let namespace = try await client.get(.namespace, namespace: nil, name: name)
            guard namespace["metadata"]?["deletionTimestamp"] == nil else {
                return CheckFinding(
                    .namespace, .problem,
                    "\(name) is being deleted, with every state in it; nothing new can be created there")
            }
            return CheckFinding(.namespace, .ok, "\(name) exists")
        } catch let error as KubernetesError where error.code == .notFound {
            return CheckFinding(
                .namespace, .problem,
                "\(name) does not exist; make it with `kubectl create namespace \(name)`, or pass the right one")
        } catch {
            return CheckFinding(.namespace, .unknown, Self.notAsked(error, "whether \(name) exists"))
        }
    }

    private static let encryptionOption = "--encryption-provider-config"

    /// A hint: no API tells how Secrets are stored.
    func encryptionFinding(_ version: ServerVersion?) async -> CheckFinding {
        if version?.text.contains("+stowage") == true {
            return CheckFinding(
                .encryption, .note, "the embedded cluster keeps Secrets as they are, in a folder of yours alone")
        }
        let unseen =
            "how Secrets are stored cannot be seen from here; ask whoever runs the cluster whether they are encrypted at rest"
        do {
            let servers = try await client.list(
                .pod, namespace: "kube-system", labelSelector: "component=kube-apiserver", limit: 20
            ).all()
            guard !servers.isEmpty else { return CheckFinding(.encryption, .unknown, unseen) }
            let words = servers.flatMap { $0["spec"]?["containers"]?.array ?? [] }.flatMap {
                ($0["command"]?.array ?? []) + ($0["args"]?.array ?? [])
            }
            guard words.contains(where: { $0.string?.hasPrefix(Self.encryptionOption) ?? false }) else {
                return CheckFinding(
                    .encryption, .note,
                    "kube-apiserver runs without \(Self.encryptionOption): states lie in etcd as they are")
            }
            return CheckFinding(
                .encryption, .ok, "kube-apiserver runs with \(Self.encryptionOption); that file says what it covers")
        } catch {
            return CheckFinding(.encryption, .unknown, unseen)
        }
    }

    // MARK: - The states

    private static let sampleSize = 10

    func statesFinding() async -> [CheckFinding] {
        do {
            let (secrets, environments) = try await count()
            guard secrets > 0 else {
                return [CheckFinding(.states, .ok, "no state yet, so that a stock init lists nothing")]
            }
            let isSample = !request.measuresAll && secrets > Self.sampleSize
            let (bytes, measured) = try await measure(limit: isSample ? Self.sampleSize : nil)
            let total = isSample ? bytes / max(measured, 1) * secrets : bytes
            let how =
                isSample
                ? "estimated from \(measured) of the Secrets; --measure reads all of them" : "measured by reading them"
            let text =
                "\(environments) states in \(secrets) Secrets; a stock init reads all of them, "
                + "\(Self.text(bytes: total)) of JSON (\(how))"
            return [CheckFinding(.states, total > 50 << 20 ? .note : .ok, text)]
        } catch {
            return [CheckFinding(.states, .unknown, Self.notAsked(error, "how many states there are"))]
        }
    }

    private static var everyState: String {
        StateStore.selectorText([StateNames.everyStateLabel.key: StateNames.everyStateLabel.value])
    }

    /// By metadata alone, which says nothing of sizes.
    private func count() async throws -> (secrets: Int, environments: Int) {
        var secrets = 0
        var environments: Set<String> = []
        let list = client.list(
            .secret, namespace: request.namespace, labelSelector: Self.everyState, limit: 500, metadataOnly: true)
        for try await secret in list {
            secrets += 1
            let labels = secret.objectLabels
            environments.insert("\(labels["tfstateWorkspace"] ?? "") \(labels["tfstateSecretSuffix"] ?? "")")
        }
        return (secrets, environments.count)
    }

    /// The bytes of the list that a stock engine asks for, which are counted and not kept.
    ///
    /// - Parameter limit: of Secrets; nil for all of them.
    private func measure(limit: Int?) async throws -> (bytes: Int, secrets: Int) {
        let bytes = try await client.listedBytes(
            .secret, namespace: request.namespace, labelSelector: Self.everyState, limit: limit)
        return (bytes, limit ?? 0)
    }

    private static func text(bytes: Int) -> String {
        switch bytes {
        case ..<10_000: "\(bytes) bytes"
        case ..<10_000_000: "\(bytes / 1000) kB"
        default: "\(bytes / 1_000_000) MB"
        }
    }

    // MARK: - Quotas

    /// What a namespace can be limited in, and what that stops.
    private static let quotas: [(key: String, what: String, stops: Consumer?)] = [
        ("secrets", "Secrets", nil), ("count/secrets", "Secrets", nil),
        ("count/leases.coordination.k8s.io", "Leases", nil), ("count/jobs.batch", "Jobs", .deploy),
        ("pods", "Pods", .deploy), ("count/pods", "Pods", .deploy),
    ]

    func quotaFinding() async -> CheckFinding {
        do {
            let quotas = try await client.list(.resourceQuota, namespace: request.namespace).all()
            return Self.quotaFinding(quotas, consumers: request.consumers)
        } catch let error as KubernetesError where error.code == .notFound {
            return CheckFinding(.quota, .unknown, "not asked: this cluster does not know ResourceQuotas")
        } catch {
            return CheckFinding(.quota, .unknown, Self.notAsked(error, "whether quotas limit Secrets and Leases"))
        }
    }

    /// One environment takes a Secret and a Lease, and up to ten more Secrets for its history.
    static func quotaFinding(_ quotas: [JSON], consumers: Set<Consumer>) -> CheckFinding {
        var lines: [(level: CheckFinding.Level, text: String)] = []
        for quota in quotas {
            let status = quota["status"]
            for (key, what, consumer) in Self.quotas where consumer.map(consumers.contains) ?? true {
                guard let hard = (status?["hard"]?[key] ?? quota["spec"]?["hard"]?[key])?.string,
                    let limit = wholeQuantity(hard)
                else { continue }
                let used = status?["used"]?[key]?.string.flatMap(wholeQuantity) ?? 0
                let left = max(limit - used, 0)
                let name = quota.objectName ?? ""
                if left == 0 {
                    lines.append((.problem, "ResourceQuota \(name) allows \(limit) \(what), and there are \(used)"))
                } else {
                    let isTight = left < 20 && consumer == nil
                    lines.append((isTight ? .note : .ok, "ResourceQuota \(name) leaves room for \(left) more \(what)"))
                }
            }
        }
        guard !lines.isEmpty else { return CheckFinding(.quota, .ok, "nothing limits Secrets and Leases") }
        let level: CheckFinding.Level =
            lines.contains { $0.level == .problem } ? .problem : lines.contains { $0.level == .note } ? .note : .ok
        return CheckFinding(.quota, level, lines.map(\.text).joined(separator: "; "))
    }

    /// Counts as quotas write them: `100`, `1k`, `2Ki`.
    static func wholeQuantity(_ text: String) -> Int? {
        let factors = ["": 1, "k": 1000, "M": 1_000_000, "Ki": 1 << 10, "Mi": 1 << 20]
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), let factor = factors[String(text.dropFirst(digits.count))] else { return nil }
        return number.multipliedReportingOverflow(by: factor).overflow ? nil : number * factor
    }

    private static func notAsked(_ error: any Error, _ what: String) -> String {
        let cause = (error as? KubernetesError)?.cause ?? "\(error)"
        return "not known \(what): \(cause)"
    }
}
