internal import HTTPTypes
internal import KubernetesAPI
internal import OrderedJSON

extension ClusterAPI {
    /// Who asks: the holder of the token, or whom they may ask for.
    ///
    /// - Throws: 401, 400 for headers that name nobody, 403.
    func user(of request: ServerRequest) async throws -> User {
        let requester = try await authenticator.user(authorization: request.headers[.authorization])
        guard let wanted = try WantedUser(request.headers.map { ($0.name.canonicalName, $0.value) }) else {
            return requester
        }
        return try await Impersonation(authorizer: authorizer, requester: requester, access: request.access)
            .user(wanted)
    }
}

/// Whom a request's headers ask to act for.
///
/// Source: Kubernetes reference, "User impersonation"; k8s.io/apiserver/pkg/endpoints/filters/impersonation.
struct WantedUser: Sendable, Hashable {
    var name = ""
    var uid = ""
    var groups: [String] = []
    var extra: [String: [String]] = [:]
}

extension WantedUser {
    /// nil where none of the headers is there.
    ///
    /// - Parameter headers: by their names in lower case.
    /// - Throws: 400 for any of them without the name of a user.
    init?(_ headers: [(name: String, value: String)]) throws {
        self.init()
        let extraPrefix = "impersonate-extra-"
        var isAnybody = false
        for (field, value) in headers {
            switch field {
            case "impersonate-user": if name.isEmpty { name = value }
            case "impersonate-uid": if uid.isEmpty { uid = value }
            case "impersonate-group":
                groups.append(value)
                isAnybody = true
            case _ where field.hasPrefix(extraPrefix):
                let key = field.dropFirst(extraPrefix.count)
                extra[percentDecoded(key) ?? String(key), default: []].append(value)
                isAnybody = true
            default: continue
            }
        }
        if name.isEmpty {
            guard isAnybody || !uid.isEmpty else { return nil }
            throw Status.badRequest("requested \(goText) without impersonating a user name")
        }
    }

    /// As Go prints it.
    private var goText: String {
        func list(_ strings: [String]) -> String {
            "{\(strings.map { JSON.string($0).text }.joined(separator: ", "))}"
        }
        let groupsText = groups.isEmpty ? "[]string(nil)" : "[]string\(list(groups))"
        let entries = extra.sorted { $0.key < $1.key }.map { "\(JSON.string($0.key).text):[]string\(list($0.value))" }
        let extraText = "map[string][]string" + (extra.isEmpty ? "(nil)" : "{\(entries.joined(separator: ", "))}")
        return "&user.DefaultInfo{Name:\"\", UID:\(JSON.string(uid).text), Groups:\(groupsText), Extra:\(extraText)}"
    }

    fileprivate var isOnlyAName: Bool { uid.isEmpty && groups.isEmpty && extra.isEmpty }

    fileprivate var isNode: Bool {
        let prefix = "system:node:"
        return name.hasPrefix(prefix) && NameRule.subdomain.problems(String(name.dropFirst(prefix.count))).isEmpty
    }
}

/// Decides whether somebody may act for somebody else in one request.
///
/// There are two ways to be allowed to. Whoever holds `impersonate` on a user may do all that the user may. Whoever
/// holds `impersonate:MODE` on a user, and `impersonate-on:MODE:VERB` on what is asked for, may do just that.
struct Impersonation: Sendable {
    let authorizer: Authorizer
    let requester: User
    /// What is asked for.
    let access: AccessRequest

    private static let identityGroup = "authentication.k8s.io"

    private enum Mode: String {
        case arbitraryNode = "arbitrary-node"
        case serviceAccount = "serviceaccount"
        case userInfo = "user-info"

        func fits(_ wanted: WantedUser) -> Bool {
            let isAccount = User.serviceAccount(named: wanted.name) != nil
            return switch self {
            case .arbitraryNode: wanted.isOnlyAName && wanted.isNode
            case .serviceAccount: wanted.isOnlyAName && isAccount
            case .userInfo: !wanted.isNode && !isAccount
            }
        }
    }

    /// - Throws: 403, about the first of the ways.
    func user(_ wanted: WantedUser) async throws -> User {
        var refusal: Status?
        for mode in [Mode.arbitraryNode, .serviceAccount, .userInfo] where mode.fits(wanted) {
            do {
                try await authorizer.require(requester, access.on("impersonate-on:\(mode.rawValue)"))
                return try await identity(wanted, mode)
            } catch let status as Status {
                refusal = refusal ?? status
            }
        }
        do {
            return try await identity(wanted, nil)
        } catch let status as Status {
            throw refusal ?? status
        }
    }

    /// - Parameter mode: nil for the way without modes, which does not care what is asked for.
    private func identity(_ wanted: WantedUser, _ mode: Mode?) async throws -> User {
        var groups = wanted.groups
        var subject = attributes("users", wanted.name, mode, group: mode == nil ? "" : Self.identityGroup)
        if mode == .arbitraryNode {
            subject.resource = "nodes"
            subject.name = String(wanted.name.dropFirst("system:node:".count))
            groups = ["system:nodes"]
        }
        if let account = User.serviceAccount(named: wanted.name) {
            subject.resource = "serviceaccounts"
            subject.namespace = account.namespace
            subject.name = account.name
            if groups.isEmpty { groups = User.serviceAccountGroups(account.namespace) }
        }
        try await require(subject)
        if !wanted.uid.isEmpty { try await require(attributes("uids", wanted.uid, mode)) }
        try await requireGroups(wanted.groups, mode)
        try await requireExtra(wanted.extra, mode)
        if wanted.name == User.anonymous.name {
            if !groups.contains(User.unauthenticatedGroup) { groups.append(User.unauthenticatedGroup) }
        } else if !groups.contains(User.unauthenticatedGroup), !groups.contains(User.authenticatedGroup) {
            groups.append(User.authenticatedGroup)
        }
        return User(
            name: wanted.name, uid: wanted.uid.isEmpty ? nil : wanted.uid, groups: groups, extra: wanted.extra)
    }

    private func requireGroups(_ groups: [String], _ mode: Mode?) async throws {
        for name in groups {
            let subject = attributes("groups", name, mode, group: mode == nil ? "" : Self.identityGroup)
            if mode != nil, name.isEmpty || name == User.mastersGroup {
                throw Status.forbidden(
                    .resource(subject), to: requester,
                    "impersonating the \(name.isEmpty ? "empty string" : name) group is not allowed")
            }
            try await require(subject)
        }
    }

    private func requireExtra(_ extra: [String: [String]], _ mode: Mode?) async throws {
        for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
            for value in values {
                var subject = attributes("userextras", value, mode)
                subject.subresource = key
                try await require(subject)
            }
        }
    }

    private func attributes(
        _ resource: String, _ name: String, _ mode: Mode?, group: String = Self.identityGroup
    ) -> ResourceAccess {
        ResourceAccess(
            verb: mode.map { "impersonate:\($0.rawValue)" } ?? "impersonate", group: group, resource: resource,
            name: name)
    }

    private func require(_ subject: ResourceAccess) async throws {
        try await authorizer.require(requester, .resource(subject))
    }
}

extension AccessRequest {
    /// The same with a verb that says how it is done.
    fileprivate func on(_ prefix: String) -> AccessRequest {
        switch self {
        case .path(let path, let verb): return .path(path, verb: "\(prefix):\(verb)")
        case .resource(var access):
            access.verb = "\(prefix):\(access.verb)"
            return .resource(access)
        }
    }
}
