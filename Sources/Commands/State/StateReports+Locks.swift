internal import OrderedJSON
internal import StateStorage
internal import TerraformState

extension StateReports {
    static func locks(_ locks: [JudgedLock]) -> Report {
        Report(
            json: .array(locks.map(\.json)),
            columns: ["Environment", "Who", "Since", "Operation", "Verdict", "Why", "ID"],
            rows: locks.map { judged in
                let lock = judged.lock
                return [
                    "\(lock.environment)", lock.info?.who ?? "-", lock.info?.created ?? "-",
                    lock.info.map { [$0.operation, $0.info].filter { !$0.isEmpty }.joined(separator: ": ") } ?? "-",
                    judged.verdict.name, judged.verdict.evidence, lock.id,
                ]
            })
    }
}

extension JudgedLock {
    fileprivate var json: JSON {
        var json = lock.json
        json["verdict"] = .string(verdict.name)
        json["evidence"] = .string(verdict.evidence)
        return json
    }
}
