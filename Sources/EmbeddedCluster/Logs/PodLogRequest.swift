internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import OrderedJSON

/// `GET …/pods/NAME/log`.
///
/// Source: k8s.io/kubernetes/pkg/registry/core/pod (`LogLocation`); k8s.io/kubernetes/pkg/kubelet.
struct PodLogRequest: Sendable {
    let pod: JSON
    let options: PodLogOptions
    let logs: ContainerLogs

    private var name: String { pod.objectName ?? "" }
    private var spec: JSON { pod["spec"] ?? [:] }

    func answer(to request: RequestBody) throws -> Response {
        let container = try container()
        // Not given to a node yet: there is nothing to read.
        guard spec["nodeName"]?.string != nil else { return respond(ResponseBody()) }
        let instance = try instance(container)
        let uid = pod["metadata"]?["uid"]?.string ?? ""
        guard let log = logs.log(ofPod: uid, container, instance: instance) else {
            // It ended before it wrote anything, as one whose program could not be started.
            return respond(ResponseBody())
        }
        return respond(LogReader(log: log, options: options).body(for: request))
    }

    private func respond(_ body: ResponseBody) -> Response {
        var headers: HTTPFields = [.contentType: "text/plain", .cacheControl: "no-cache, private"]
        // The end of a connection on which somebody followed was waited for all along.
        if options.follows { headers[.connection] = "close" }
        return Response(status: .ok, headers: headers, body: body)
    }

    private func container() throws -> String {
        func names(_ list: String) -> [String] { spec.elements(list).compactMap { $0["name"]?.string } }
        let (main, initial) = (names("containers"), names("initContainers"))
        if let asked = options.container {
            guard (main + initial).contains(asked) else {
                throw Status.badRequest("container \(asked) is not valid for pod \(name)")
            }
            return asked
        }
        guard main.count == 1, initial.isEmpty else {
            var message = "a container name must be specified for pod \(name), choose one of: "
            message += "[\(main.joined(separator: " "))]"
            if !initial.isEmpty { message += " or one of the init containers: [\(initial.joined(separator: " "))]" }
            throw Status.badRequest(message)
        }
        return main[0]
    }

    /// Which run of the container is asked for, counted from its first.
    private func instance(_ container: String) throws -> Int {
        let statuses =
            (pod["status"]?.elements("initContainerStatuses") ?? [])
            + (pod["status"]?.elements("containerStatuses") ?? [])
        let waiting = "container \"\(container)\" in pod \"\(name)\" is waiting to start"
        guard let status = statuses.first(where: { $0["name"]?.string == container }) else {
            throw Status.badRequest("\(waiting): ContainerCreating")
        }
        let restarts = status["restartCount"]?.int ?? 0
        let isWaiting = status["state"]?["waiting"] != nil
        let hasEnded = status["lastState"]?["terminated"] != nil
        if options.isOfPreviousRun {
            guard hasEnded else {
                throw Status.badRequest("previous terminated container \"\(container)\" in pod \"\(name)\" not found")
            }
            return isWaiting ? restarts : restarts - 1
        }
        if isWaiting, !hasEnded {
            throw Status.badRequest(
                "\(waiting): \(status["state"]?["waiting"]?["reason"]?.string ?? "ContainerCreating")")
        }
        return restarts
    }
}
