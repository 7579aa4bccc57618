internal import KubernetesAPI
internal import OrderedJSON
internal import TerraformState

extension StateStore {
    /// What the Pod tells that the holder of a lock names itself after, where we were told where Pods that run engines are.
    ///
    /// - Returns: nil where nothing was told, or the holder does not say where it runs.
    func podVerdict(_ lock: HeldLock) async throws -> LockVerdict? {
        guard let namespace = configuration.jobNamespace, let info = lock.info, let host = info.host else { return nil }
        let subject = "Pod \(host) of namespace \(namespace)"
        do {
            let pod = try await client.get(.pod, namespace: namespace, name: host)
            return Self.verdict(onLockSince: RFC3339.seconds(info.created), pod, subject)
        } catch let error as KubernetesError where error.code == .notFound {
            guard Self.isDeploymentPod(host) else {
                return .unknown(
                    "there is no \(subject), but \(host) may be a machine's name: only a deployment's Pod is known by its "
                        + "name")
            }
            guard try await exists(namespace: namespace) else {
                return .unknown("namespace \(namespace), where its Pod was looked for, does not exist")
            }
            return .orphaned("\(subject) is gone")
        } catch let error as KubernetesError where error.code == .forbidden {
            return .unknown(
                "to get Pods in namespace \(namespace) is denied: with that right its Pod could be looked at")
        } catch let error as KubernetesError where error.code == .invalid {
            return nil
        }
    }

    /// - Parameter since: when the lock was taken, by the clock of the Pod's machine; nil where that is not known.
    private static func verdict(onLockSince since: Double?, _ pod: JSON, _ subject: String) -> LockVerdict {
        guard let since, let created = pod.creationTime else {
            return .unknown("it is not known which was first, the lock or \(subject)")
        }
        // Two machines' clocks are compared.
        guard created <= since + LockVerdict.clockTolerance else {
            return .unknown("\(subject) was made after the lock was taken, so it is not what took it")
        }
        return switch pod["status"]?["phase"]?.string {
        case "Running": .alive("\(subject) is running")
        case "Succeeded": .orphaned("\(subject) has ended")
        case "Failed": .orphaned("\(subject) has failed")
        case let phase: .unknown("\(subject) is \(phase ?? "in no phase")")
        }
    }

    /// Whether a Pod that is not there is gone, rather than looked for in the wrong place. Whoever may get Pods in a namespace
    /// but not the namespace was given that right in it, so it exists.
    private func exists(namespace: String) async throws -> Bool {
        do {
            _ = try await client.get(.namespace, namespace: nil, name: namespace)
            return true
        } catch let error as KubernetesError where error.code == .notFound {
            return false
        } catch let error as KubernetesError where error.code == .forbidden {
            return true
        }
    }

    /// Whether a name is one that only the Pod of a deployment's Job has: a UUID, a dash, and five characters of those that
    /// Kubernetes makes names of.
    ///
    /// Source: Kubernetes, `apimachinery/pkg/util/rand`.
    static func isDeploymentPod(_ name: String) -> Bool {
        guard name.utf8.count == 42, (try? EnvironmentID(String(name.prefix(36)))) != nil else { return false }
        let end = name.dropFirst(36)
        return end.first == "-" && end.dropFirst().allSatisfy { "bcdfghjklmnpqrstvwxz2456789".contains($0) }
    }
}

extension LockInfo {
    /// Where the holder runs, as it says itself.
    fileprivate var host: String? {
        guard let at = who.lastIndex(of: "@") else { return nil }
        let host = who[who.index(after: at)...]
        return host.isEmpty ? nil : String(host)
    }
}
