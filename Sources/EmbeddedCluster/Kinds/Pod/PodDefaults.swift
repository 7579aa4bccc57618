internal import OrderedJSON

/// What a Pod's specification says where its author says nothing.
///
/// Source: k8s.io/kubernetes/pkg/apis/core/v1/defaults.go.
enum PodDefaults {
    static let type = Schema.type("PodSpec")

    /// Of a Pod and of a template of Pods alike.
    static func complete(_ spec: inout JSON) {
        spec.setDefault("restartPolicy", "Always")
        spec.setDefault("terminationGracePeriodSeconds", 30)
        spec.setDefault("dnsPolicy", "ClusterFirst")
        spec.setDefault("schedulerName", "default-scheduler")
        spec.setDefault("securityContext", [:])
        let account = spec["serviceAccountName"] ?? spec["serviceAccount"]
        spec["serviceAccountName"] = account
        spec["serviceAccount"] = account
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            spec.changeEach(list, complete(container:))
        }
        spec.changeEach("volumes", complete(volume:))
        spec = spec.normalised(as: type)
    }

    /// Of a Pod alone.
    static func completePod(_ spec: inout JSON) {
        spec.setDefault("enableServiceLinks", true)
        for list in ["initContainers", "containers"] { spec.changeEach(list, requestLimits) }
        complete(&spec)
    }

    /// What Kubernetes' admission adds to a new Pod.
    static func admit(_ spec: inout JSON) {
        spec.setDefault("serviceAccountName", "default")
        spec["serviceAccount"] = spec["serviceAccountName"]
        spec.setDefault("preemptionPolicy", "PreemptLowerPriority")
        spec.setDefault("priority", 0)
        spec["tolerations"] = .array(tolerations(spec.elements("tolerations")))
        spec = spec.normalised(as: type)
    }

    /// A Pod waits five minutes for a node that is not ready.
    private static func tolerations(_ given: [JSON]) -> [JSON] {
        let keys: [String] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
        let missing = keys.filter { key in
            !given.contains {
                ($0["key"] == nil || $0["key"]?.string == key)
                    && ($0["effect"] == nil || $0["effect"]?.string == "NoExecute")
            }
        }
        return given
            + missing.map { (key: String) -> JSON in
                ["key": .string(key), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300]
            }
    }

    /// What is limited and not asked for is asked for up to the limit.
    private static func requestLimits(_ container: inout JSON) {
        container.change("resources") { resources in
            guard let limits = resources["limits"]?.object else { return }
            var requests = resources["requests"] ?? [:]
            for (name, limit) in limits { requests.setDefault(name, limit) }
            resources["requests"] = requests
        }
    }

    private static func complete(container: inout JSON) {
        let image = container["image"]?.string ?? ""
        container.setDefault("imagePullPolicy", pullPolicy(image))
        container.setDefault("terminationMessagePath", "/dev/termination-log")
        container.setDefault("terminationMessagePolicy", "File")
        container.setDefault("resources", [:])
        container.changeEach("ports") { $0.setDefault("protocol", "TCP") }
        container.changeEach("env") { variable in
            variable.change("valueFrom") { completeReferences(&$0) }
        }
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            container.change(probe) { probe in
                probe.setDefault("timeoutSeconds", 1)
                probe.setDefault("periodSeconds", 10)
                probe.setDefault("successThreshold", 1)
                probe.setDefault("failureThreshold", 3)
                probe.change("httpGet", completeHTTP)
                probe.change("grpc") { $0.setDefault("service", "") }
            }
        }
        container.change("lifecycle") { lifecycle in
            for hook in ["postStart", "preStop"] {
                lifecycle.change(hook) { $0.change("httpGet", completeHTTP) }
            }
        }
    }

    private static func completeHTTP(_ action: inout JSON) {
        action.setDefault("path", "/")
        action.setDefault("scheme", "HTTP")
    }

    private static func completeReferences(_ source: inout JSON) {
        source.change("fieldRef") { $0.setDefault("apiVersion", "v1") }
        source.change("resourceFieldRef") { $0.setDefault("divisor", "0") }
    }

    private static func pullPolicy(_ image: String) -> JSON {
        if image.contains("@") { return "IfNotPresent" }
        let name = image.split(separator: "/").last ?? ""
        let tag = name.split(separator: ":", maxSplits: 1).dropFirst().first ?? "latest"
        return tag == "latest" ? "Always" : "IfNotPresent"
    }

    private static func complete(volume: inout JSON) {
        if volume.object?.keys.allSatisfy({ $0 == "name" }) == true { volume["emptyDir"] = [:] }
        for source in ["secret", "configMap", "downwardAPI", "projected"] {
            volume.change(source) { $0.setDefault("defaultMode", 420) }
        }
        volume.change("hostPath") { $0.setDefault("type", "") }
        volume.change("downwardAPI") { $0.changeEach("items", completeReferences) }
        volume.change("projected") { projected in
            projected.changeEach("sources") { source in
                source.change("serviceAccountToken") { $0.setDefault("expirationSeconds", 3600) }
                source.change("downwardAPI") { $0.changeEach("items", completeReferences) }
            }
        }
    }

    /// How a node that is short of memory treats the Pod.
    ///
    /// Source: k8s.io/kubernetes/pkg/apis/core/helper/qos.
    static func qualityOfService(_ spec: JSON) -> String {
        let containers = spec.elements("initContainers") + spec.elements("containers")
        func amount(_ container: JSON, _ list: String, _ resource: String) -> String? {
            container["resources"]?[list]?[resource]?.string.flatMap { $0 == "0" ? nil : $0 }
        }
        let resources = ["cpu", "memory"]
        let isAsked = containers.contains { container in
            resources.contains { amount(container, "requests", $0) != nil || amount(container, "limits", $0) != nil }
        }
        guard isAsked else { return "BestEffort" }
        let isGuaranteed = containers.allSatisfy { container in
            resources.allSatisfy { resource in
                guard let limit = amount(container, "limits", resource) else { return false }
                return limit == amount(container, "requests", resource) ?? limit
            }
        }
        return isGuaranteed ? "Guaranteed" : "Burstable"
    }
}
