internal import KubernetesAPI
internal import OrderedJSON
internal import TerraformState

extension Doctor {
    /// What is to be said of a state that is there.
    func stateFindings(
        _ environment: EnvironmentID, _ entry: DoctorEntry, _ reading: StateReading, _ versions: [StateVersion]
    ) async throws -> [DoctorFinding] {
        var findings = [
            copies(environment, entry), labels(environment, entry, reading), leftover(environment, reading),
        ].compactMap(\.self)
        switch reading.content {
        case .success(let file):
            findings += succession(environment, StateFacts(file), versions)
            findings += limits(environment, reading, file)
        case .failure(let error):
            if let finding = unreadable(environment, entry, reading, error, versions) { findings.append(finding) }
        case nil: break
        }
        return findings
    }

    private func copies(_ environment: EnvironmentID, _ entry: DoctorEntry) -> DoctorFinding? {
        guard !entry.copies.isEmpty else { return nil }
        let copies = entry.copies.sorted()
        return DoctorFinding(
            .copies, .damage, environment,
            "Secret(s) \(copies.joined(separator: ", ")) carry the labels of this state: the next Terraform command would "
                + "take them for it, and overwrite the state",
            remedy: "kubectl label secret -n \(store.namespace) \(copies.joined(separator: " ")) tfstateSecretSuffix-")
    }

    private func labels(
        _ environment: EnvironmentID, _ entry: DoctorEntry, _ reading: StateReading
    ) -> DoctorFinding? {
        let names = StateNames(environment)
        let changed = entry.stateParts.filter { part in
            names.labels.contains { part.value.objectLabels[$0.key] != $0.value }
        }.keys.sorted()
        guard !changed.isEmpty else { return nil }
        let labels = names.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        let secrets = changed.map { names.part($0) }.joined(separator: " ")
        return DoctorFinding(
            .labelsChanged, .damage, environment,
            "Secret(s) \(secrets) lack labels that engines find the state by: the next Terraform command would start from "
                + "an empty state, and overwrite this one",
            remedy: "kubectl label secret -n \(store.namespace) --overwrite \(secrets) \(labels)",
            isFixable: entry.copies.isEmpty)
    }

    private func leftover(_ environment: EnvironmentID, _ reading: StateReading) -> DoctorFinding? {
        switch reading.leftover {
        case nil: nil
        case .pending(let write):
            DoctorFinding(
                .halfDoneWrite, .warning, environment,
                "write \(write.identifier) of Stowage is committed but not finished: engines cannot read the state",
                remedy: state("pull", environment, "> /dev/null"), isFixable: true)
        case .strays(let parts):
            DoctorFinding(
                .hiddenParts, .damage, environment,
                "an engine filled \(parts.map(\.name).joined(separator: ", ")), which had been retired and have not the "
                    + "labels that engines find parts by: they cannot read the state",
                remedy: state("pull", environment, "> /dev/null"), isFixable: true)
        case .overwritten(let part):
            DoctorFinding(
                .overwrittenWrite, .note, environment,
                "an engine overwrote a write of Stowage, which Secret \(part.name) still names",
                remedy: command(environment) + " --fix", isFixable: true)
        }
    }

    private func unreadable(
        _ environment: EnvironmentID, _ entry: DoctorEntry, _ reading: StateReading, _ error: StateStoreError,
        _ versions: [StateVersion]
    ) -> DoctorFinding? {
        // Said already, with all that is to be done.
        if error.code == .copied || error.code == .lostLabels { return nil }
        let code: DoctorFinding.Code
        let parts = entry.stateParts
        switch error.code {
        case .notState: code = .notState
        case .tooLarge: code = .tooLarge
        case _ where reading.surplus != nil: code = .surplusParts
        case _ where parts[0] == nil || parts.keys.max() ?? 0 >= parts.count: code = .missingParts
        case _ where reading.parts.first.map { $0.payload.isEmpty && parts.count == 1 } ?? false: code = .empty
        default: code = parts.count > 1 ? .torn : .corrupt
        }
        if code == .tooLarge {
            return DoctorFinding(
                code, .warning, environment, error.explanation, remedy: "raise the limit if that is right")
        }
        if code == .surplusParts {
            return DoctorFinding(
                code, .damage, environment, error.explanation, remedy: command(environment) + " --fix", isFixable: true)
        }
        let newest = versions.first
        return DoctorFinding(
            code, .damage, environment, error.explanation,
            remedy: newest.map { state("rollback", environment, "\($0.number) --force damaged") }
                ?? state("push", environment, "FILE --force damaged"))
    }

    /// How the state follows from the one that the history has before it.
    private func succession(
        _ environment: EnvironmentID, _ now: StateFacts, _ versions: [StateVersion]
    ) -> [DoctorFinding] {
        guard let before = versions.first(where: { $0.sha256 != now.sha256 }) else { return [] }
        let rollback = "if that was not meant: \(state("rollback", environment, "\(before.number)"))"
        let than = "version \(before.number) of its history"
        var findings: [DoctorFinding] = []
        if before.lineage != now.lineage {
            findings.append(
                DoctorFinding(
                    .lineageChanged, .warning, environment,
                    "the state has lineage \(now.lineage), and \(than) has \(before.lineage): it is another state",
                    remedy: rollback + " --force lineage"))
        } else if now.serial < before.serial {
            findings.append(
                DoctorFinding(
                    .serialBack, .warning, environment,
                    "the state has serial \(now.serial), which is older than \(before.serial) of \(than)",
                    remedy: rollback))
        } else if now.serial == before.serial {
            findings.append(
                DoctorFinding(
                    .serialTwice, .warning, environment,
                    "the state has serial \(now.serial) and so has \(than), with other content: two writers wrote at the "
                        + "same time, and the changes of one are lost",
                    remedy: "compare them: \(state("diff", environment, "\(before.number)"))"))
        }
        if let counts = now.counts, counts.resources == 0, let old = before.counts, old.resources > 0 {
            findings.append(
                DoctorFinding(
                    .emptied, .warning, environment,
                    "the state has no resources, and \(than) has \(old.resources): they were destroyed, or forgotten",
                    remedy: rollback))
        }
        return findings
    }

    private func limits(_ environment: EnvironmentID, _ reading: StateReading, _ file: StateFile) -> [DoctorFinding] {
        let parts = reading.pending?.staged.count ?? reading.parts.count
        let isOpenTofus = file.isEncrypted || file.bytes.contains(text: "registry.opentofu.org/")
        if parts > 1, isOpenTofus {
            return [
                DoctorFinding(
                    .mixedEngines, .warning, environment,
                    "the state is \(file.isEncrypted ? "encrypted by OpenTofu" : "of OpenTofu's providers") and stands in "
                        + "\(parts) Secrets, of which OpenTofu reads and writes the first only",
                    remedy: "run it through Stowage's gateway, or split the module until the state fits one Secret")
            ]
        }
        guard parts == 1, reading.payloadSize >= Self.partLimit else { return [] }
        let percent = reading.payloadSize * 100 / StatePart.limit
        return [
            DoctorFinding(
                .nearPartLimit, .warning, environment,
                "the state fills \(percent) % of one Secret, which is all that OpenTofu can write",
                remedy: "split the module before it is full, or run it with Terraform, which uses several")
        ]
    }

    /// What of the history cannot be had any more.
    func historyFindings(
        _ environment: EnvironmentID, _ entry: DoctorEntry, _ versions: [StateVersion]
    ) -> [DoctorFinding] {
        var broken = versions.filter { !$0.isRestorable }.map {
            "version \($0.number) needs a state that the history has no more"
        }
        let numbers = versions.map(\.number)
        if Set(numbers).count < numbers.count { broken.append("two versions have the same number") }
        for secret in entry.history {
            guard let text = secret.objectAnnotations[OwnSecrets.versionAnnotation], text != OwnSecrets.nothing,
                StateVersion(parsing: text) == nil
            else { continue }
            broken.append("Secret \(secret.objectName ?? "") does not say which version it holds")
        }
        guard !broken.isEmpty else { return [] }
        return [
            DoctorFinding(
                .history, .warning, environment, broken.joined(separator: "; "),
                remedy: "see which versions can be had: \(state("history", environment))")
        ]
    }
}

extension [UInt8] {
    fileprivate func contains(text: String) -> Bool {
        let text = Array(text.utf8)
        guard let first = text.first, count >= text.count else { return false }
        return withUnsafeBufferPointer { bytes in
            var index = 0
            while index <= bytes.count - text.count {
                if bytes[index] == first, bytes[index..<(index + text.count)].elementsEqual(text) { return true }
                index &+= 1
            }
            return false
        }
    }
}
