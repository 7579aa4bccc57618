internal import Crypto
internal import KubernetesAPI
internal import OrderedJSON
public import StateStorage
internal import TerraformState

/// The engines' `http` backend in front of a store: the same Secrets and Leases, with all that the store guarantees.
///
/// Holds nothing of a state between requests, so any number of them can stand before one namespace. Every operation may be
/// repeated: a lock that is taken again by its ID, a state that is written again, a lock that is given back twice are done.
public struct Gateway: Sendable {
    private let store: StateStore
    private let authority: any GatewayAuthority
    private let conduct: GatewayConduct
    private let locks: any GatewayLocks
    private let guesses = GuessLimit()
    private let cache = StateCache(bytes: 24 << 20)
    private let reads = SharedQuestions<EnvironmentID, StateCache.Entry?>()
    private let smallStates = ByteBudget(bytes: 24 << 20)
    private let largeStates: ByteBudget

    /// - Parameter stateLimit: of the states that are in memory at a time, in bytes; each is there twice at most.
    public init(
        store: StateStore, authority: any GatewayAuthority, conduct: GatewayConduct = GatewayConduct(), stateLimit: Int
    ) {
        self.store = store
        self.authority = authority
        self.conduct = conduct
        locks = conduct.locks ?? StoreLocks(store: store)
        largeStates = ByteBudget(bytes: stateLimit)
    }

    /// Room for a state of so many bytes, which is waited for. Large ones do not hold up small ones.
    ///
    /// - Parameter copies: of a small state, how many times its size its handling takes. Of a large one it is twice at most,
    ///   which the limit is made for.
    func room(_ size: Int, copies: Int) async throws -> ByteBudget.Share {
        let share =
            try await size > StateCache.largestEntry
            ? largeStates.share(of: size, within: Self.patience)
            : smallStates.share(of: size * copies, within: Self.patience)
        guard let share else {
            throw GatewayFailure(
                503, "too many states are read and written at once; try again", retryAfter: .seconds(5))
        }
        return share
    }

    /// A state that is written is there as it came, as gzip, as the JSON that the cluster is sent, and as both connections
    /// have it; the one that it replaces, in the same forms, may be as well.
    static let copiesWritten = 8

    /// Less than a connection is given to go on with a body, which is not read meanwhile.
    private static let patience = Duration.seconds(20)

    /// Lets a caller in, or says why not.
    ///
    /// A credential of another environment is answered like one that does not exist, so that nothing is learned of what
    /// there is.
    ///
    /// - Parameter peer: the address that the request comes from.
    func admit(
        _ credential: String?, from peer: String, to environment: EnvironmentID, for operation: GatewayRequest.Operation
    ) async throws -> GatewayCaller {
        guard let credential, !credential.isEmpty else {
            throw GatewayFailure(401, "pass a token: the backend's password, or TF_HTTP_PASSWORD")
        }
        guard let caller = try await authority.caller(presenting: credential, for: environment) else {
            if let pause = guesses.noteFailure(from: peer, at: environment) {
                throw GatewayFailure(429, "too many tokens that do not open the environment", retryAfter: pause)
            }
            // Engines take a 404 here for an environment without a state, and would begin with an empty one.
            throw GatewayFailure(
                operation == .read ? 401 : 404, "no such environment, or the token is none of it, expired or revoked")
        }
        guard caller.scope.includes(operation) else {
            throw GatewayFailure(403, "token \(caller.name) may only read")
        }
        return caller
    }

    /// Does what an engine asks, for a caller that was let in.
    ///
    /// - Throws: what ``GatewayAnswer/init(_:)-(any Error)`` makes an answer of.
    func answer(_ request: GatewayRequest) async throws -> GatewayAnswer {
        do {
            let answer =
                switch request.operation {
                case .read: try await read(request.environment)
                case .write: try await write(request)
                case .delete: try await delete(request.environment)
                case .lock: try await lock(request)
                case .unlock: try await unlock(request)
                }
            await conduct.observe(request.operation, nil)
            return answer
        } catch {
            await conduct.observe(request.operation, error)
            throw error
        }
    }

    private func read(_ environment: EnvironmentID) async throws -> GatewayAnswer {
        let share = try await room(cache.expectedSize(environment), copies: 1)
        guard let entry = try await reads.answer(for: environment, { try await self.entry(environment) }) else {
            return .noContent
        }
        var answer = GatewayAnswer(200, json: entry.body)
        answer.contentMD5 = entry.contentMD5
        answer.serial = entry.serial
        answer.share = share
        return answer
    }

    /// The state as it is at a moment after this was called; nil where there is none.
    private func entry(_ environment: EnvironmentID) async throws -> StateCache.Entry? {
        if let known = cache[environment], try await store.isCurrent(known.revision) { return known }
        guard let snapshot = try await store.pull(environment) else {
            // An engine that is told that there is none begins with an empty one.
            let absence = try await store.absence(environment)
            guard absence.code != .moved else { throw absence }
            return nil
        }
        let file = snapshot.file
        let entry = StateCache.Entry(
            snapshot.revision, serial: file.serial, file.bytes, contentMD5: Self.md5(file.bytes))
        cache.keep(entry, environment)
        return entry
    }

    private func write(_ request: GatewayRequest) async throws -> GatewayAnswer {
        if let announced = request.contentMD5, announced != Self.md5(request.body) {
            throw GatewayFailure(400, "the body does not have the MD5 of its Content-MD5; nothing was written")
        }
        let file = try StateFile(request.body)
        if let id = request.lockID { try await locks.confirm(request.environment, id: id) }
        let held = try await store.heldLock(request.environment)
        guard let held, held.id == request.lockID else {
            if let held { return GatewayAnswer(heldBy: held) }
            throw GatewayFailure(
                409,
                "a state is written under its lock, and nobody holds it: run without -lock=false, with lock_address set"
            )
        }
        cache.noteSize(file.bytes.count, request.environment)
        let result: PushResult
        do { result = try await save(file, under: held) } catch {
            cache.forget(request.environment)
            throw error
        }
        if let saved = result.saved, file.bytes.count <= StateCache.largestEntry {
            var entry = StateCache.Entry(
                saved.revision, serial: file.serial, file.bytes,
                contentMD5: request.contentMD5 ?? Self.md5(file.bytes))
            entry.saved = saved
            cache.keep(entry, request.environment)
        } else {
            cache.forget(request.environment)
        }
        var answer = GatewayAnswer.done
        answer.serial = result.serial
        return answer
    }

    private func save(_ file: StateFile, under lock: HeldLock) async throws -> PushResult {
        var options = PushOptions()
        options.lockID = lock.id
        options.seenLock = lock
        options.saved = cache[lock.environment]?.saved
        options.isRepeated = true
        // The engine has destroyed what is gone; to refuse its state now would leave it nowhere.
        options.isDestroy = true
        options.reason = conduct.reason
        for _ in 1..<Self.savingAttempts {
            do {
                return try await store.push(file, to: lock.environment, options)
            } catch let error as StateStoreError where error.code == .changed {
                // By the same request, perhaps, whose answer its client did not wait for. What is there now is judged anew.
                options.saved = nil
            }
        }
        return try await store.push(file, to: lock.environment, options)
    }

    private static let savingAttempts = 4

    /// No command of an engine asks for it while the state has resources.
    private func delete(_ environment: EnvironmentID) async throws -> GatewayAnswer {
        guard try await store.pull(environment) != nil else { return .done }
        throw GatewayFailure(
            409, "a state is not deleted through the gateway: stowage state remove \(environment) keeps a copy first")
    }

    private func lock(_ request: GatewayRequest) async throws -> GatewayAnswer {
        guard let info = LockInfo(parsing: String(decoding: request.body, as: UTF8.self)), !info.id.isEmpty else {
            throw GatewayFailure(400, "the body is no lock info: JSON with an ID")
        }
        try await locks.take(request.environment, info)
        return .done
    }

    private func unlock(_ request: GatewayRequest) async throws -> GatewayAnswer {
        guard let held = try await store.heldLock(request.environment) else { return .done }
        guard let id = try unlockID(of: request) else {
            throw GatewayFailure(
                409,
                "terraform force-unlock does not tell the http backend which lock it means; give lock \(held.id) back "
                    + "with: stowage state unlock \(request.environment) \(held.id)")
        }
        do {
            try await locks.giveBack(request.environment, id: id)
        } catch let error as StateStoreError where error.code == .notLocked {
            // The first of two requests for the same did it.
        }
        return .done
    }

    /// The lock to give back; nil where the body is empty, as Terraform's is for `force-unlock`.
    private func unlockID(of request: GatewayRequest) throws -> String? {
        if let id = request.lockID { return id }
        guard !request.body.isEmpty else { return nil }
        guard let info = LockInfo(parsing: String(decoding: request.body, as: UTF8.self)), !info.id.isEmpty else {
            throw GatewayFailure(400, "the body is no lock info: JSON with an ID")
        }
        return info.id
    }

    private static func md5(_ bytes: [UInt8]) -> String {
        // No protection against anybody: the sum that the engines' backend sends.
        Base64.encode(Array(Insecure.MD5.hash(data: bytes)))
    }
}
