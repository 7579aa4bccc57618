import Testing

@testable import GuardedHTTP

/// The limits of a connection, without one.
@Suite struct ConnectionStateTests {
    private func connection() -> ConnectionState {
        var state = ConnectionState()
        state.handshakeCompleted()
        return state
    }

    @Test func slowBytesDoNotBuyTime() {
        var state = connection()
        #expect(state.bytesArrived(1, limit: 10) == .readFirst)
        for _ in 0..<9 { #expect(state.bytesArrived(1, limit: 10) == .read) }
        #expect(state.bytesArrived(1, limit: 10) == .refuse(.headTooLarge))
        #expect(state.bytesArrived(1, limit: 10) == .drop)
    }

    @Test func aRequestThatWasReadLeavesTheConnectionToTheNext() {
        var state = connection()
        for _ in 0..<2 {
            #expect(state.bytesArrived(5, limit: 10) == .readFirst)
            #expect(state.headArrived(.init(bodyLength: 3), bodyLimit: 10) == false)
            state.bodyArrived(3)
            state.requestEnded()
            #expect(state.answerBegins() == (false, false))
            #expect(state.answerEnded() == .goOn)
        }
    }

    @Test func anAnswerBeforeALongBodyIsTheLast() {
        var state = connection()
        _ = state.headArrived(.init(bodyLength: 10 << 20), bodyLimit: 3 << 20)
        #expect(state.answerBegins() == (false, true))
        #expect(state.answerEnded() == .linger)
        #expect(state.expired() == .close)
    }

    @Test func whoGoesOnSendingIsWaitedForButNotForEver() {
        var state = connection()
        _ = state.headArrived(.init(bodyLength: 10 << 20), bodyLimit: 3 << 20)
        _ = state.answerBegins()
        #expect(state.answerEnded() == .linger)
        var other = state
        for _ in 0..<ConnectionState.lingerings {
            #expect(state.bytesArrived(1, limit: 10) == .drop)
            #expect(state.expired() == .lingerOn)
        }
        #expect(state.bytesArrived(1, limit: 10) == .drop)
        #expect(state.expired() == .close)
        // Who has stopped sending has had the time to read.
        _ = other.bytesArrived(1, limit: 10)
        #expect(other.expired() == .lingerOn)
        #expect(other.expired() == .close)
    }

    @Test func aServerThatStopsWaitsNoLongerForWhoGoesOnSending() {
        var state = connection()
        _ = state.headArrived(.init(bodyLength: 10 << 20), bodyLimit: 3 << 20)
        _ = state.answerBegins()
        #expect(state.answerEnded() == .linger)
        #expect(state.bytesArrived(1, limit: 10) == .drop)
        state.serverStops()
        #expect(state.bytesArrived(1, limit: 10) == .drop)
        #expect(state.expired() == .close)
    }

    @Test func anAnswerBeforeTheRestOfAShortBodyIsNotTheLast() {
        var state = connection()
        _ = state.headArrived(.init(bodyLength: 300 << 10), bodyLimit: 3 << 20)
        state.bodyArrived(100 << 10)
        #expect(state.answerBegins() == (false, false))
        #expect(state.answerEnded() == .goOn)
        // The rest must come in time all the same.
        #expect(state.expired() == .close)
    }

    @Test func onlyWhoAsksIsToldToGoOn() {
        for (head, isTold) in [
            (ConnectionState.Head(expectsContinue: true, bodyLength: 1), true),
            (.init(expectsContinue: true, bodyLength: nil), true),
            (.init(expectsContinue: true, bodyLength: 11), false),
            (.init(isHTTP10: true, expectsContinue: true, bodyLength: 1), false), (.init(bodyLength: 1), false),
        ] {
            var state = connection()
            #expect(state.headArrived(head, bodyLimit: 10) == isTold)
        }
    }

    @Test func nonsenseBehindARequestWaitsForItsAnswer() {
        var state = connection()
        _ = state.headArrived(.init(bodyLength: 0), bodyLimit: 10)
        state.requestEnded()
        #expect(state.parsingFailed(tooLarge: false) == .wait)
        #expect(state.answerBegins() == (false, true))
        #expect(state.answerEnded() == .linger)
        var other = connection()
        #expect(other.parsingFailed(tooLarge: true) == .refuse(.headTooLarge))
    }

    @Test func whoWantsOneAnswerGetsOne() {
        var state = connection()
        _ = state.headArrived(.init(isHTTP10: true, endsConnection: true, bodyLength: 0), bodyLimit: 10)
        state.requestEnded()
        #expect(state.bytesArrived(5, limit: 10) == .drop)
        #expect(state.answerBegins() == (true, true))
        #expect(state.answerEnded() == .close)
    }

    @Test func aBodyThatIsLateIsToldToItsRequest() {
        var state = connection()
        _ = state.headArrived(.init(bodyLength: nil), bodyLimit: 10)
        #expect(state.expired() == .tellRequest)
        #expect(state.answerBegins() == (false, true))
        #expect(state.answerEnded() == .linger)
    }

    @Test func aBodyIsHeldUntilItIsAskedFor() {
        var state = connection()
        _ = state.headArrived(.init(bodyLength: 0), bodyLimit: 10, holdsBody: true)
        #expect(!state.isHeld)
        state.requestEnded()
        _ = state.answerEnded()
        for body in [3, nil] {
            _ = state.headArrived(.init(bodyLength: body), bodyLimit: 10, holdsBody: true)
            #expect(state.isHeld)
            state.bodyWanted()
            #expect(!state.isHeld)
            state.requestEnded()
            _ = state.answerEnded()
        }
        _ = state.headArrived(.init(bodyLength: 3), bodyLimit: 10)
        #expect(!state.isHeld)
    }

    @Test func aBodyThatNobodyAskedForIsReadAfterTheAnswer() {
        let ends: [(inout ConnectionState) -> Void] = [
            { $0.requestEnded() }, { _ = $0.answerEnded() }, { _ = $0.expired() },
            { _ = $0.parsingFailed(tooLarge: false) },
        ]
        for end in ends {
            var state = connection()
            _ = state.headArrived(.init(bodyLength: 3), bodyLimit: 10, holdsBody: true)
            end(&state)
            #expect(!state.isHeld)
        }
    }
}
