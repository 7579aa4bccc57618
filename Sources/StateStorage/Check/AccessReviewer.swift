public import KubernetesAPI
internal import OrderedJSON

/// Asks a cluster what an account may do, in whichever way the credentials in use are allowed to ask.
public struct AccessReviewer: Sendable {
    /// How the cluster was asked.
    public enum Way: String, Sendable, Hashable {
        /// A SelfSubjectAccessReview by whoever the credentials belong to.
        case own = "SelfSubjectAccessReview with the credentials in use"
        /// A SelfSubjectAccessReview by the account, which the credentials in use may impersonate.
        case impersonation = "SelfSubjectAccessReview as the account, by impersonation"
        /// A SubjectAccessReview about the account.
        case subjectAccessReview = "SubjectAccessReview"
        /// The same, asked for in a namespace.
        case localSubjectAccessReview = "LocalSubjectAccessReview"
    }

    /// How it is asked.
    public let way: Way
    /// Whose rights are asked for, as authentication knows them; nil where the cluster does not tell.
    public let userName: String?
    private let client: KubernetesClient
    private let account: ServiceAccountReference?

    /// - Parameters:
    ///   - account: nil for whoever the credentials belong to.
    ///   - namespace: the one that most questions are about.
    /// - Throws: `AccessReviewError` where the credentials may ask in no way; `KubernetesError`.
    public init(client: KubernetesClient, account: ServiceAccountReference?, namespace: String) async throws {
        let own = try await Self.userName(client)
        guard let account, account.userName != own else {
            (way, userName, self.client, self.account) = (.own, own, client, account)
            return
        }
        userName = account.userName
        self.account = account
        if let impersonating = client.impersonating(serviceAccount: account.name, namespace: account.namespace),
            try await Self.may(Self.selfReview, .selfSubjectAccessReview, impersonating, namespace)
        {
            (way, self.client) = (.impersonation, impersonating)
        } else if try await Self.may(Self.review(of: account), .subjectAccessReview, client, namespace) {
            (way, self.client) = (.subjectAccessReview, client)
        } else if try await Self.may(Self.review(of: account), .localSubjectAccessReview, client, namespace) {
            (way, self.client) = (.localSubjectAccessReview, client)
        } else {
            throw AccessReviewError(account: account, namespace: namespace, userName: own)
        }
    }

    /// Whether the account may, and why, where the cluster says so.
    ///
    /// - Parameter name: of the object; nil for objects of any name.
    public func ask(_ access: Access, in namespace: String, name: String? = nil) async throws -> (
        isAllowed: Bool, reason: String
    ) {
        let answer = try await Self.ask(question, kind, client, access, namespace, name: name)
        let status = answer["status"]
        let reason = [status?["reason"]?.string, status?["evaluationError"]?.string].compactMap(\.self)
        return (status?["allowed"]?.bool ?? false, reason.joined(separator: "; "))
    }

    /// A client that works as the account; nil where it can only be asked about.
    public var working: KubernetesClient? { way == .own || way == .impersonation ? client : nil }

    private var kind: ResourceKind {
        switch way {
        case .own, .impersonation: .selfSubjectAccessReview
        case .subjectAccessReview: .subjectAccessReview
        case .localSubjectAccessReview: .localSubjectAccessReview
        }
    }

    private var question: JSON {
        switch way {
        case .own, .impersonation: Self.selfReview
        case .subjectAccessReview, .localSubjectAccessReview: account.map(Self.review) ?? Self.selfReview
        }
    }

    private static let selfReview: JSON = ["spec": [:]]

    private static func review(of account: ServiceAccountReference) -> JSON {
        ["spec": ["user": .string(account.userName), "groups": .array(account.groups.map(JSON.string))]]
    }

    private static func ask(
        _ question: JSON, _ kind: ResourceKind, _ client: KubernetesClient, _ access: Access, _ namespace: String,
        name: String? = nil
    ) async throws -> JSON {
        var attributes: JSON = [
            "namespace": .string(namespace), "verb": .string(access.verb), "group": .string(access.kind.group),
            "version": .string(access.kind.version), "resource": .string(access.kind.resource),
        ]
        if let subresource = access.subresource { attributes["subresource"] = .string(subresource) }
        if let name { attributes["name"] = .string(name) }
        var review = question
        review["apiVersion"] = .string(kind.apiVersion)
        review["kind"] = .string(kind.kind)
        review["spec", "resourceAttributes"] = attributes
        let isLocal = kind.scope == .namespaced
        if isLocal { review["metadata"] = ["namespace": .string(namespace)] }
        return try await client.create(kind, namespace: isLocal ? namespace : nil, review)
    }

    /// Whether the credentials may ask in that way.
    private static func may(
        _ question: JSON, _ kind: ResourceKind, _ client: KubernetesClient, _ namespace: String
    ) async throws -> Bool {
        do {
            _ = try await ask(question, kind, client, Access("get", .secret), namespace)
            return true
        } catch let error as KubernetesError where error.code == .forbidden {
            return false
        }
    }

    private static func userName(_ client: KubernetesClient) async throws -> String? {
        do {
            let review = try await client.create(
                .selfSubjectReview, namespace: nil,
                ["apiVersion": .string(ResourceKind.selfSubjectReview.apiVersion), "kind": "SelfSubjectReview"])
            return review["status"]?["userInfo"]?["username"]?.string
        } catch let error as KubernetesError where error.code == .notFound || error.code == .forbidden {
            // Clusters before 1.28 do not know it.
            return nil
        }
    }
}

/// Nobody was allowed to ask what an account may do.
public struct AccessReviewError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Whose rights were to be asked for.
    public let account: ServiceAccountReference
    /// The namespace of the account's rights.
    public let namespace: String
    /// Who asked; nil where the cluster does not tell.
    public let userName: String?

    public var description: String {
        "what ServiceAccount \(account) may do cannot be asked: \(userName ?? "the credentials in use") may neither "
            + "impersonate it nor create subjectaccessreviews, nor localsubjectaccessreviews in namespace \(namespace); pass "
            + "credentials of an administrator, or of the ServiceAccount itself and leave out --as-service-account"
    }
}
