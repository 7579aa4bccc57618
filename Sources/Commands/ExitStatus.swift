internal import ArgumentParser
internal import EmbeddedCluster
internal import KubernetesAPI
internal import LocalFiles
internal import Runner
internal import StateStorage
internal import TerraformState

/// What a program's exit status says. The numbers from 64 are those of sysexits.h.
enum ExitStatus: Int32, CaseIterable {
    case success = 0
    case engineFailed = 1
    case changes = 2
    case usage = 64
    case data = 65
    case unreachable = 69
    case software = 70
    case files = 74
    case busy = 75
    case permission = 77
    /// As `timeout` of coreutils.
    case timedOut = 124
    case interrupted = 130

    var meaning: String {
        switch self {
        case .success: "done"
        case .engineFailed: "the engine failed; its own output says why"
        case .changes: "a plan that was asked to say so (--detailed-exitcode) has changes"
        case .usage: "the command cannot be carried out as given"
        case .data: "a configuration, state or store is damaged or cannot be kept"
        case .unreachable: "the cluster does not answer, or is not running"
        case .software: "a fault of Stowage, or an answer that it does not know"
        case .files: "a local file or folder cannot be read or written"
        case .busy: "the lock, or the cluster's folder, is somebody else's"
        case .permission: "the cluster denies what is needed, or the credentials"
        case .timedOut: "the time that it had (--timeout) was over"
        case .interrupted: "interrupted before an engine was started"
        }
    }

    static var table: String {
        allCases.map { status in
            let number = "\(status.rawValue)"
            return "  \(number)\(String(repeating: " ", count: 5 - number.count))\(status.meaning)"
        }.joined(separator: "\n")
    }
}

extension ExitStatus {
    /// The one place where failures become exit statuses.
    init(_ error: any Error) {
        switch error {
        case let error as RunError: self.init(error.code)
        case let error as KubernetesError: self.init(error.code)
        case let error as KubeconfigError: self.init(error.code)
        case let error as EmbeddedClusterError: self.init(error.code)
        case let error as StateStoreError: self.init(error.code)
        case let error as BackupError: self.init(error.code)
        case let error as BundleError: self.init(error.code)
        case let error as DeploymentError: self.init(error.code)
        case is PodTemplateError: self = .data
        case let error as StateRefusal: self = error.objections == [.locked] ? .busy : .data
        case is LockHeldError, is LockLostError, is EnvironmentBusyError: self = .busy
        case is StateAccessError, is StateFileError, is RemovalRefusal, is RunnerConfigurationError: self = .data
        case is EnvironmentIDError, is UsageError, is SetupError, is RunnerClusterError: self = .usage
        case is AccessReviewError, is ProbeError, is ProviderCommandError: self = .permission
        case let error as CommandError: self = error.status
        case is FileError, is UnrescuedStateError: self = .files
        case is CancellationError: self = .interrupted
        default: self = .software
        }
    }

    private init(_ code: RunError.Code) {
        switch code {
        case .numericTail, .stalePlan: self = .data
        case .relay: self = .software
        case .interrupted: self = .interrupted
        case .timeLimit: self = .timedOut
        default: self = .usage
        }
    }

    private init(_ code: KubernetesError.Code) {
        switch code {
        case .unauthorized, .forbidden, .credentials: self = .permission
        case .unreachable, .untrusted, .server, .tooManyRequests, .badResponse: self = .unreachable
        case .conflict, .alreadyExists: self = .busy
        case .notFound, .invalid, .tooLarge: self = .data
        default: self = .software
        }
    }

    private init(_ code: StateStoreError.Code) {
        switch code {
        case .changed, .unsettled: self = .busy
        case .notLocked, .unknownVersion, .samePlace: self = .usage
        case .missingRight: self = .permission
        default: self = .data
        }
    }

    private init(_ code: BackupError.Code) {
        switch code {
        case .exists, .notContained: self = .usage
        case .inUse: self = .busy
        default: self = .data
        }
    }

    private init(_ code: BundleError.Code) {
        switch code {
        case .module, .outside, .link: self = .usage
        case .changed: self = .busy
        default: self = .data
        }
    }

    private init(_ code: DeploymentError.Code) {
        switch code {
        case .unknown, .ended, .variables: self = .usage
        case .missingRight: self = .permission
        case .notStarted: self = .unreachable
        default: self = .data
        }
    }

    private init(_ code: EmbeddedClusterError.Code) {
        switch code {
        case .alreadyRunning, .portInUse: self = .busy
        case .folderUnusable: self = .files
        case .storeCorrupt, .storeNewer: self = .data
        default: self = .software
        }
    }

    private init(_ code: KubeconfigError.Code) {
        switch code {
        case .unreadable: self = .files
        case .fileMissing, .noContext, .unknownContext, .notInCluster: self = .usage
        default: self = .data
        }
    }
}

/// A command line that cannot be carried out: what is wrong, and what to pass instead.
struct UsageError: Error, CustomStringConvertible {
    let description: String
}

/// A failure that a command finds out itself.
struct CommandError: Error, CustomStringConvertible {
    let status: ExitStatus
    let description: String
}
