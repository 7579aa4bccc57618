public import OrderedJSON

/// Something that happens in a run, for programs that follow it.
public enum RunEvent: Sendable, Hashable {
    /// What the run sets about.
    public enum Phase: String, Sendable, Hashable {
        /// Reads the state, and keeps it where it may be overwritten.
        case state
        /// Makes the working folder.
        case folder
        /// The engine fetches modules and providers.
        case initialise = "init"
        /// The engine does what the run is for.
        case engine
    }

    /// What becomes of a resource.
    public enum Progress: String, Sendable, Hashable {
        /// It is to be changed; the change began; it is done; it failed.
        case planned, started, done, failed
    }

    /// The run sets about it now.
    case phase(Phase)
    /// - Parameters:
    ///   - address: as the engines name it.
    ///   - action: as they name it, such as `create`, `update`, `delete`, `replace`.
    case resource(address: String, action: String, Progress)
    /// A line of the engine's own JSON.
    case engine(JSON)
    /// A line that the engine printed as text.
    case text(String)
    /// What happened around the engine.
    case notice(RunNotice)
}

extension RunEvent {
    /// What follows from a line of the engine's JSON beside itself; nil for most.
    ///
    /// Source: Terraform's documentation, "Machine-Readable UI"; OpenTofu's is the same.
    init?(resourceOf line: JSON) {
        let progress: Progress
        switch line["type"]?.string {
        case "planned_change": progress = .planned
        case "apply_start": progress = .started
        case "apply_complete": progress = .done
        case "apply_errored": progress = .failed
        default: return nil
        }
        let subject = line[progress == .planned ? "change" : "hook"]
        guard let address = subject?["resource"]?["addr"]?.string, let action = subject?["action"]?.string else {
            return nil
        }
        self = .resource(address: address, action: action, progress)
    }
}
