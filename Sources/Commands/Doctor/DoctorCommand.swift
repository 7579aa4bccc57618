internal import ArgumentParser
internal import OrderedJSON
internal import StateStorage

/// `stowage doctor`: states that are damaged, and what will damage them.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Tell which states are damaged or about to be, and what to do about it.",
        usage: "stowage doctor [<options>] [<uuid> ...]",
        discussion: """
            Reads every state of the namespace, or those that are named, and says of each \
            what is wrong, what tells so, and which command helps. --fix carries out what \
            is safe: under the lock, with the state kept as a version first.

              stowage doctor --namespace humanitec-runner
              stowage doctor -n humanitec-runner --fix -o json

            Exits with 0 where all is well (notes do not count), with 1 where there are \
            warnings, and with 65 where a state is damaged.
            """)

    @Argument(help: ArgumentHelp("The environments; none for all.", valueName: "uuid"))
    var environments: [String] = []

    @Flag(help: "Repair what has one safe remedy.")
    var fix = false

    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func run() async throws {
        let environments = try environments.map { try EnvironmentID($0) }
        var printer = DoctorPrinter(output)
        let (isQuiet, fix) = (options.global.quiet, fix)
        try await options.withStore { store in
            let doctor = Doctor(store)
            try await withProgress("Examining", isQuiet: isQuiet) { progress in
                try await doctor.examine(environments.isEmpty ? nil : environments) { findings, done, total in
                    for finding in findings {
                        var outcome = DoctorOutcome.found
                        if fix, finding.isFixable { outcome = try await DoctorOutcome(fixing: finding, doctor) }
                        progress.clear()
                        try printer.add(finding, outcome)
                    }
                    progress.update(done, of: total)
                }
            }
        }
        try printer.end()
    }
}

/// What became of a finding.
enum DoctorOutcome {
    case found
    case fixed(String)
    case failed(String)

    init(fixing finding: DoctorFinding, _ doctor: Doctor) async throws {
        do {
            self = .fixed(try await doctor.fix(finding) ?? "nothing was left to be done")
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            self = .failed("\(error)")
        }
    }
}

/// Prints findings as they come, and says at last how bad it is.
struct DoctorPrinter {
    private let isTable: Bool
    private var stream: ReportStream
    private var open: [DoctorFinding.Severity: Int] = [:]

    init(_ output: OutputOption) {
        isTable = output.output == .table
        stream = output.stream([])
    }

    mutating func add(_ finding: DoctorFinding, _ outcome: DoctorOutcome) throws {
        if case .fixed = outcome {} else { open[finding.severity, default: 0] += 1 }
        if isTable {
            ReportStream.printed(finding.text(outcome))
        } else {
            try stream.add(finding.json(outcome), [])
        }
    }

    mutating func end() throws {
        if isTable {
            let open = open
            let counts = DoctorFinding.Severity.allCases.reversed().compactMap { severity in
                open[severity].map { "\($0) \(severity.rawValue)\(severity != .damage && $0 > 1 ? "s" : "")" }
            }
            ReportStream.printed(counts.isEmpty ? "nothing is wrong\n" : counts.joined(separator: ", ") + "\n")
        } else {
            try stream.end()
        }
        if open[.damage] != nil { throw ExitCode(ExitStatus.data.rawValue) }
        if open[.warning] != nil { throw ExitCode(ExitStatus.engineFailed.rawValue) }
    }
}

extension DoctorFinding {
    fileprivate func text(_ outcome: DoctorOutcome) -> String {
        let what = environment.map { "\($0)" } ?? "namespace"
        let remedy =
            switch outcome {
            case .found: "→ \(remedy)"
            case .fixed(let done): "✓ \(done)"
            case .failed(let cause): "✗ not repaired: \(cause)\n  → \(self.remedy)"
            }
        return "\(what)  \(severity.rawValue): \(code.rawValue)\n  \(evidence)\n  \(remedy)\n"
    }

    fileprivate func json(_ outcome: DoctorOutcome) -> JSON {
        var json: JSON = [
            "environment": environment.map { .string("\($0)") } ?? .null, "severity": .string(severity.rawValue),
            "code": .string(code.rawValue), "evidence": .string(evidence), "remedy": .string(remedy),
            "fixable": .bool(isFixable),
        ]
        switch outcome {
        case .found: json["fixed"] = false
        case .fixed(let done):
            json["fixed"] = true
            json["done"] = .string(done)
        case .failed(let cause):
            json["fixed"] = false
            json["failure"] = .string(cause)
        }
        return json
    }
}
