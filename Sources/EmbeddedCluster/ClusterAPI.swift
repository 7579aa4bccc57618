internal import GRDB
internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import Logging
internal import OrderedJSON

/// The Kubernetes API: from a request to its answer.
struct ClusterAPI: Sendable {
    let store: Store
    let authenticator: Authenticator
    let authorizer: Authorizer
    let controllers: ClusterControllers
    private let discovery: Discovery
    private let openAPI: OpenAPIDocuments
    private let kinds: [Address: ServedKind]
    /// The versions of groups that have any kind.
    private let versions: Set<String>
    private let watchTimes: WatchTimes
    let logs: ContainerLogs
    private let logger: Logger

    private struct Address: Hashable {
        let group: String
        let version: String
        let resource: String
    }

    init(
        store: Store, kinds: [ServedKind] = ServedKind.all, certificateAuthority: String? = nil,
        watchTimes: WatchTimes = WatchTimes(), logs: ContainerLogs? = nil, logger: Logger
    ) {
        self.store = store
        self.logs = logs ?? ContainerLogs(ClusterFolder(ofStore: store.path))
        self.watchTimes = watchTimes
        self.logger = logger
        authenticator = Authenticator(store: store)
        authorizer = Authorizer(store: store)
        controllers = ClusterControllers(store: store, certificateAuthority: certificateAuthority)
        discovery = Discovery(kinds)
        openAPI = OpenAPIDocuments(kinds)
        versions = Set(kinds.map(\.kind.apiVersion))
        self.kinds = Dictionary(
            kinds.map { (Address(group: $0.kind.group, version: $0.kind.version, resource: $0.kind.resource), $0) },
            uniquingKeysWith: { _, last in last })
    }

    func respond(to request: Request) async -> Response {
        let request = ServerRequest(request)
        var userName = ""
        let response: Response
        do {
            if let problem = request.problem { throw problem }
            let user = try await user(of: request)
            userName = user.name
            try await authorizer.require(user, request.access)
            response = try await answer(request, user)
        } catch {
            response = await failed(.failure(failure(error, request)), request)
        }
        logger.debug(
            "request",
            metadata: [
                "verb": "\(request.verb)", "path": "\(request.path)", "user": "\(userName)",
                "status": "\(response.status.code)",
            ])
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: ServerRequest, _ user: User) async throws -> Response {
        guard let path = request.resource else { return try await answerPath(request) }
        let address = Address(group: path.group, version: path.version, resource: path.resource)
        guard let served = kinds[address], serves(served.kind, path) else {
            guard versions.contains(path.groupVersion) else { return .unknownPath }
            throw Status.unknownResource
        }
        let accepted = try AcceptedAnswer(request, for: request.answerPurpose)
        let asker = Asker(user: user, authorizer: authorizer, authenticator: authenticator, now: store.clock.now())
        switch served {
        case .asked(let asked):
            guard path.name.isEmpty, path.subresource.isEmpty else { throw Status.unknownResource }
            guard request.verb == "create" else { throw Status.methodNotSupported(asked.kind, request.verb) }
            let options = try WriteOptions(request, "CreateOptions")
            var question = try await ObjectBody(request, kind: asked.kind, type: asked.type)
            if asked.kind.scope == .namespaced { try question.place(in: path.namespace) }
            var answer = try await asked.answer(question.object, asker)
            if asked.repeatsQuestion {
                FieldTracker(asked.kind, asked.type, now: asker.now)
                    .created(question.object, by: options.fieldManager).note(in: &answer)
            }
            return try await accepted.encode(
                .json(ObjectWriter(kind: asked.kind).object(answer), status: 201, warnings: question.warnings))
        case .stored(let kind):
            let requests = ObjectRequests(
                store: store, kind: kind, path: path, request: request, asker: asker, watchTimes: watchTimes,
                failure: { failure($0, request) })
            if kind.kind == .pod, let response = try await requests.podSubresource(logs) {
                return response
            }
            guard path.subresource.isEmpty else { return try await accepted.encode(try await requests.subresource()) }
            let response = try await requests.answer()
            await reconcile(after: request, kind.kind, in: path.namespace)
            return try await accepted.encode(try await accepted.shape(response, request, kind, now: asker.now))
        }
    }

    /// What the cluster keeps in order is in order before a write is answered. The write itself was made, so it is no
    /// failure of the request when this fails.
    private func reconcile(after request: ServerRequest, _ kind: ResourceKind, in namespace: String) async {
        guard request.method != .get, request.method != .head else { return }
        do {
            try await controllers.reconcile(after: kind, in: namespace)
        } catch {
            logger.error(
                "what belongs to a write was not made", metadata: ["kind": "\(kind.kind)", "error": "\(error)"])
        }
    }

    /// A failure in the media type that the client accepts.
    private func failed(_ response: Response, _ request: ServerRequest) async -> Response {
        do { return try await AcceptedAnswer.ofFailure(request).encode(response) } catch { return response }
    }

    /// Whether the kind is found under a path of this scope.
    private func serves(_ kind: ResourceKind, _ path: ResourcePath) -> Bool {
        switch kind.scope {
        case .namespaced: !path.namespace.isEmpty || path.name.isEmpty
        // Access was decided for the namespace of the path, which must not stand for the whole cluster's.
        case .cluster: !path.isInNamespace
        }
    }

    private func answerPath(_ request: ServerRequest) async throws -> Response {
        switch request.path {
        case "/version", "/version/": return Discovery.version
        default:
            if let health = await HealthChecks(store: store).answer(request) { return health }
            if let document = try openAPI.answer(request) { return document }
            return try await discovery.answer(request) ?? .unknownPath
        }
    }

    private func failure(_ error: any Error, _ request: ServerRequest) -> Status {
        switch error {
        case let status as Status: return status
        case let failure as ListFailure: return Status(failure)
        case let error as DatabaseError where error.isDiskFull:
            logger.error("the disk is full", metadata: ["store": "\(store.path)"])
            return .storeFull
        case let error as DatabaseError where error.isDamage:
            logger.error(
                "the store is damaged", metadata: ["store": "\(store.path)", "error": "\(error.message ?? "")"])
            return .storeDamaged
        default:
            // What the error says of an SQL statement's arguments stays out of the log: they are objects.
            let text = (error as? DatabaseError).map { "SQLite \($0.extendedResultCode.rawValue): \($0.message ?? "")" }
            logger.error(
                "request failed",
                metadata: [
                    "verb": "\(request.verb)", "path": "\(request.path)", "error": "\(text ?? "\(type(of: error))")",
                ])
            return .internalError
        }
    }
}
