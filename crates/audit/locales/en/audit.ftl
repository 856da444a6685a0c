audit-title = Audit
audit-lead = Who did what, when, from where and why. Each event carries a hash over itself and the one before it.
audit-chain = Hash chain
audit-chain-whole = Whole
audit-chain-broken = Does not fit
audit-chain-unknown = Not looked at yet
audit-chain-problem = The audit trail was changed past Portway
audit-chain-next = Keep the database as it is, run `portway audit verify`, and compare with a backup.
audit-chain-events = Events
audit-chain-removed = { $count ->
    [one] { $count } removed by retention
   *[other] { $count } removed by retention
}
audit-chain-looked = Last looked at
audit-chain-whole-looked = Whole chain verified
audit-chain-signed = Last checkpoint
audit-chain-signed-at = event { $seq }
audit-chain-hash = Hash
audit-chain-key = Public key
audit-never = never
audit-verify = Verify
audit-verified = { $count ->
    [one] { $count } event verified: the chain is whole
   *[other] { $count } events verified: the chain is whole
}
audit-verified-broken = { $count ->
    [one] The chain does not fit in { $count } place
   *[other] The chain does not fit in { $count } places
}
audit-search = Search
audit-events = Events
audit-event = Event { $seq }
audit-text = Text
audit-actor = Actor
audit-for = for { $person }
audit-behalf = On behalf of
audit-type = Type
audit-subject = Subject
audit-outcome = Outcome
audit-outcome-allowed = Allowed
audit-outcome-refused = Refused
audit-outcome-failed = Failed
audit-address = Address
audit-time = Time
audit-from = From
audit-to = Until
audit-day-example = 2026-11-21
audit-time-example = 2026-11-21T10:00:00Z
audit-more = More filters
audit-people = People
audit-people-only = Only what people and programs did
audit-none = No event fits
audit-none-next = Take a filter away, or choose a longer time.
audit-counted = The numbers beside the filters count the newest { $count } events that fit.
audit-newest = Newest
audit-older = Older
audit-previous = Event before
audit-next = Event after
audit-about = About this event
audit-request = Request
audit-reason = Reason
audit-permission = Permission
audit-decision = Why allowed
audit-cause = Cause
audit-number = Number
audit-unchained = from before the chain
audit-facts = Facts
audit-changed = Before and after
