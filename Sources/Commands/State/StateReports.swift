internal import OrderedJSON
internal import StateStorage
internal import TerraformState

/// What commands on states print.
enum StateReports {
    static func list(_ listings: [StateListing]) -> Report {
        Report(
            json: .array(listings.map(\.json)), columns: ["Environment", "Parts", "Last write"],
            rows: listings.map { ["\($0.environment)", "\($0.partCount)", $0.lastWrite ?? "-"] })
    }

    static let longColumns = [
        "Environment", "Parts", "Serial", "Instances", "Bytes", "Engine", "Lock", "Last write", "",
    ]

    /// A record and a row of the long list.
    static func long(
        _ listing: StateListing, _ found: Result<StateSummary?, StateStoreError>, _ lock: HeldLock?
    ) -> (json: JSON, row: [String]) {
        let summary = try? found.get()
        var fault: String?
        if case .failure(let error) = found { fault = error.explanation }
        var json = listing.json
        if let summary { json.merge(summary.json) }
        json["lock"] = lock.map(\.json) ?? .null
        if let fault { json["error"] = .string(fault) }
        let engine = summary?.engineVersion ?? (summary?.isEncrypted == true ? "encrypted" : "-")
        let holder = lock?.info?.who ?? lock?.id ?? "-"
        var row = ["\(listing.environment)", "\(listing.partCount)"]
        row.append(summary.map { "\($0.serial)" } ?? "-")
        row.append(summary?.counts.map { "\($0.instances)" } ?? "-")
        row.append(summary.map { "\($0.size)" } ?? "-")
        row += [engine, holder, listing.lastWrite ?? "-", fault ?? ""]
        return (json, row)
    }

    static func history(_ versions: [StateVersion]) -> Report {
        Report(
            json: .array(versions.map(\.json)),
            columns: ["Version", "Serial", "Instances", "Bytes", "Kept at", "Replaced by", "Why"],
            rows: versions.map { version in
                [
                    "\(version.number)", "\(version.serial)", version.counts.map { "\($0.instances)" } ?? "-",
                    "\(version.size)", version.time, version.who,
                    version.isRestorable
                        ? version.why.isEmpty ? "-" : version.why : "\(version.why) (cannot be restored)",
                ]
            })
    }

    static func pushed(_ result: PushResult, _ environment: EnvironmentID) -> Report {
        var json: JSON = [
            "environment": .string("\(environment)"), "changed": .bool(result.isChanged), "serial": result.serial.json,
        ]
        json["replacedSerial"] = result.replacedSerial?.json ?? .null
        json["keptVersion"] = result.keptVersion.map { .number(JSONNumber($0)) } ?? .null
        json["parts"] = .number(JSONNumber(result.partCount))
        return Report(
            json: json, columns: ["Environment", "Serial", "Replaced", "Kept as", "Parts"],
            rows: [
                [
                    "\(environment)", "\(result.serial)",
                    result.isChanged ? result.replacedSerial.map { "\($0)" } ?? "-" : "unchanged",
                    result.keptVersion.map { "version \($0)" } ?? "-", "\(result.partCount)",
                ]
            ])
    }
}

extension UInt64 {
    /// A serial is a number of 64 bits, which JSON spells as it is.
    var json: JSON { (try? JSON(parsing: "\(self)")) ?? .null }
}

extension JSON {
    fileprivate mutating func merge(_ other: JSON) { for (key, value) in other.object ?? [:] { self[key] = value } }
}

extension StateListing {
    fileprivate var json: JSON {
        [
            "environment": .string("\(environment)"), "parts": .number(JSONNumber(partCount)),
            "lastWrite": lastWrite.map(JSON.string) ?? .null, "pendingWrite": .bool(isPending),
        ]
    }
}

extension StateCounts {
    fileprivate var json: JSON {
        [
            "resources": .number(JSONNumber(resources)), "instances": .number(JSONNumber(instances)),
            "dataSources": .number(JSONNumber(dataSources)), "outputs": .number(JSONNumber(outputs)),
        ]
    }
}

extension StateSummary {
    var json: JSON {
        var json: JSON = [
            "environment": .string("\(environment)"), "serial": serial.json, "lineage": .string(lineage),
            "engineVersion": engineVersion.map(JSON.string) ?? .null, "encrypted": .bool(isEncrypted),
            "bytes": .number(JSONNumber(size)), "storedBytes": .number(JSONNumber(storedSize)),
            "parts": .number(JSONNumber(partCount)),
        ]
        if let counts { json.merge(counts.json) }
        return json
    }
}

extension StateVersion {
    fileprivate var json: JSON {
        var json: JSON = [
            "version": .number(JSONNumber(number)), "serial": serial.json, "lineage": .string(lineage),
            "bytes": .number(JSONNumber(size)), "storedBytes": .number(JSONNumber(storedSize)),
            "sha256": .string(sha256), "keptAt": .string(time), "replacedBy": .string(who), "why": .string(why),
            "restorable": .bool(isRestorable),
        ]
        if let counts { json.merge(counts.json) }
        return json
    }
}

extension HeldLock {
    var json: JSON {
        [
            "environment": .string("\(environment)"), "id": .string(id), "info": info.map(\.json) ?? .null,
        ]
    }
}
