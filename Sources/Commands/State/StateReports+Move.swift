internal import OrderedJSON
internal import StateStorage

extension StateReports {
    static func moved(_ outcomes: [EnvironmentOutcome<MoveResult>]) -> Report {
        Report(
            json: .array(outcomes.map { $0.json { $0.json } }),
            columns: ["Environment", "Result", "Serial", "Parts", "Versions"],
            rows: outcomes.map { outcome in
                let environment = "\(outcome.environment)"
                guard case .success(let result) = outcome.result else { return [environment, "failed", "-", "-", "-"] }
                return [
                    environment, result.isChanged ? "moved" : "moved before", "\(result.serial)",
                    result.partCount.map { "\($0)" } ?? "-", result.versionCount.map { "\($0)" } ?? "-",
                ]
            })
    }
}

extension EnvironmentOutcome {
    /// - Parameter members: of a success.
    func json(_ members: (T) -> JSON) -> JSON {
        switch result {
        case .success(let value): members(value)
        case .failure(let error): ["environment": .string("\(environment)"), "error": .string("\(error)")]
        }
    }
}

extension MoveResult {
    fileprivate var json: JSON {
        [
            "environment": .string("\(environment)"), "moved": .bool(isChanged), "serial": serial.json,
            "parts": partCount.map { .number(JSONNumber($0)) } ?? .null,
            "versions": versionCount.map { .number(JSONNumber($0)) } ?? .null,
        ]
    }
}
