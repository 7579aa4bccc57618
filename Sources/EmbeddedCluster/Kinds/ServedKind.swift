internal import KubernetesAPI
internal import OrderedJSON

/// A kind that the cluster serves.
enum ServedKind: Sendable {
    /// Its objects are kept.
    case stored(StoredKind)
    /// It is a question: whoever creates one gets the answer, and nothing is kept.
    case asked(AskedKind)

    /// Every kind that the cluster serves. To add one, add a file beside this one and its name here.
    static let all: [ServedKind] = [
        .namespace, .secret, .configMap, .serviceAccount, .event, .lease,
        .role, .roleBinding, .clusterRole, .clusterRoleBinding,
        .selfSubjectReview, .tokenReview,
        .selfSubjectAccessReview, .selfSubjectRulesReview, .subjectAccessReview, .localSubjectAccessReview,
        .pod, .job,
    ]

    var kind: ResourceKind {
        switch self {
        case .stored(let stored): stored.kind
        case .asked(let asked): asked.kind
        }
    }

    var type: ObjectType {
        switch self {
        case .stored(let stored): stored.type
        case .asked(let asked): asked.type
        }
    }

    var verbs: [String] {
        switch self {
        case .stored(let stored): stored.verbs
        case .asked: ["create"]
        }
    }

    var subresources: [Subresource] {
        if case .stored(let stored) = self { stored.subresources } else { [] }
    }
}

/// How objects of a kind come to be, change, and are shown.
struct StoredKind: Sendable {
    let kind: ResourceKind
    let type: ObjectType
    var nameRule = NameRule.subdomain
    /// Objects that the cluster cannot do without.
    var undeletableNames: Set<String> = []
    var verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
    /// Whether an update of an object that is not there makes it.
    var createsOnUpdate = false
    /// Whether an update may leave out the resourceVersion, and then overwrites whatever is there.
    var allowsUnconditionalUpdate = true
    /// Fills in what an object leaves out, new or changed, in the place of its author, who owns it.
    var setDefaults: @Sendable (_ object: inout JSON) -> Void = { _ in }
    /// Fills in what the cluster has to say of a new object.
    var prepareNew: @Sendable (_ object: inout JSON) -> Void = { _ in }
    /// Fills in what a changed object leaves out, and takes from the old one what is not for clients to change.
    var prepareChanged: @Sendable (_ object: inout JSON, _ old: JSON) -> Void = { _, _ in }
    var validate: @Sendable (_ object: JSON) -> [FieldError] = { _ in [] }
    var validateChange: @Sendable (_ object: JSON, _ old: JSON) -> [FieldError] = { _, _ in [] }
    /// Refuses what its author may not do, beyond what the authorizer sees.
    var admit: @Sendable (_ object: JSON, _ old: JSON?, _ access: Escalation) async throws -> Void = { _, _, _ in }
    /// What is made together with a new object.
    var companions: @Sendable (_ object: JSON, _ now: Timestamp) -> [Change] = { _, _ in [] }
    /// How many seconds a deleted object stays until whoever looks after it removes it; 0: it goes at once. nil: nobody
    /// looks after objects of the kind.
    var gracePeriod: (@Sendable (_ object: JSON, _ asked: Int?) -> Int)?
    /// Whether something beside its finalizers keeps an object that was deleted.
    var isHeld: @Sendable (_ object: JSON) -> Bool = { _ in false }
    /// Says in an object, beside its metadata, that its deletion has begun.
    var prepareDeleted: @Sendable (_ object: inout JSON) -> Void = { _ in }
    /// Whether a deletion is answered with the object that is gone, rather than with a `Status`.
    var returnsDeleted = false
    /// What becomes of an object's dependents when whoever deletes it does not say.
    var defaultPropagation = PropagationPolicy.background
    /// Fields that a field selector may name, beside the metadata's name and namespace.
    var selectableFields: [String: @Sendable (_ object: JSON) -> String] = [:]
    /// The columns that the table begins with.
    var leadingColumns: [TableColumn] = [.name]
    /// The columns of the table, after those.
    var columns: [TableColumn] = [.age]
    var subresources: [Subresource] = []
    /// Whether the kind's `status` is a subresource: it is got, patched and updated there, and nothing else changes it.
    var hasStatus = false
    /// Whether the kind has finalizers of its own in its `spec`, which are changed by the subresource `finalize` alone.
    var hasFinalize = false

    func key(namespace: String, name: String) -> ObjectKey {
        ObjectKey(resource: kind.qualifiedResource, namespace: namespace, name: name)
    }

    /// What an object of which nothing is given has beside its metadata.
    var emptyContent: [UInt8] { ObjectDraft(type.zero).content }
}

struct AskedKind: Sendable {
    let kind: ResourceKind
    let type: ObjectType
    /// Whether the answer is the question with its answer filled in, rather than an object of its own.
    var repeatsQuestion = true
    /// Makes the answer.
    let answer: @Sendable (_ question: JSON, _ asker: Asker) async throws -> JSON
}

/// Something that is done to one object, under a path below its own.
struct Subresource: Sendable {
    let name: String
    /// The kind of what is sent and answered.
    let kind: ResourceKind
    let type: ObjectType
    let answer: @Sendable (_ question: JSON, _ object: StoredObject, _ asker: Asker) async throws -> JSON
}

/// Who asks a question, and what it may be answered from.
struct Asker: Sendable {
    let user: User
    let authorizer: Authorizer
    let authenticator: Authenticator
    let now: Timestamp
    /// Whether nothing is to be kept.
    var isDryRun = false
}
