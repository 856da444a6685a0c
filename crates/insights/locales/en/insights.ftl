### The texts of the pages of insights.

## Campaigns
insights-nav-campaigns = Campaigns
insights-campaigns-lead = What has to move by a day: ends of life, upgrades, migrations. The most urgent first.
insights-campaigns-none = No campaigns
insights-campaigns-none-next = A campaign is an entity. Put a document like this one into a source of the catalog:
insights-json = JSON
insights-csv = Remaining as CSV
insights-campaign = Campaign
insights-status = Status
insights-progress = Progress
insights-remaining = Remaining
insights-done = Done
insights-exempt = Exempt
insights-deadline = Deadline
insights-forecast = Forecast
insights-owner = Owner
insights-definition = Definition
insights-problems = Problems
insights-problem-count = { $count ->
    [one] { $count } problem
   *[other] { $count } problems
}
insights-more = { $count } more
insights-missing = missing

## Standing
insights-standing-invalid = Invalid
insights-standing-overdue = Overdue
insights-standing-at-risk = At risk
insights-standing-on-track = On track
insights-standing-planned = Planned
insights-standing-empty = No targets
insights-standing-finished = Finished

## Days
insights-day = Day
insights-today = today
insights-in-days = { $count ->
    [one] in { $count } day
   *[other] in { $count } days
}
insights-days-ago = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}

## Forecast
insights-cannot-say = Cannot say
insights-forecast-finished = nothing has remained since that day
insights-forecast-on-time = on the day of the deadline, at { $pace } a week
insights-forecast-early = { $days ->
    [one] { $days } day before the deadline, at { $pace } a week
   *[other] { $days } days before the deadline, at { $pace } a week
}
insights-forecast-late = { $days ->
    [one] { $days } day after the deadline, at { $pace } a week
   *[other] { $days } days after the deadline, at { $pace } a week
}
insights-unknown-too-little = needs three days within two weeks, a week apart
insights-unknown-not-falling = no less remains than two weeks ago
insights-unknown-too-far = more than ten years at this pace
insights-unknown-no-targets = there is nothing to do

## One campaign
insights-unmeasured = This campaign cannot be measured
insights-unmeasured-next = Correct its document as said above; it is read again by itself.
insights-done-of = { $done } of { $total } done
insights-until = until { $deadline }
insights-removed-note = { $count } removed from the catalog
insights-burndown = Burndown
insights-burndown-describe = { $first } remained on the first day that was measured, { $remaining } remain today. The ideal line reaches 0 on { $deadline }.
insights-ideal = Ideal
insights-scope = In scope
insights-teams = Teams
insights-team = Team
insights-teams-note = A group counts what the groups below it own, each entity once.
insights-no-targets = The filter matches no entity
insights-nobody = nobody
insights-remaining-entities = Remaining entities
insights-remaining-none = Nothing remains
insights-entity = Entity
insights-wave = Wave
insights-waves = Waves
insights-wave-rest = In no wave
insights-wave-share = { $share }% of all
insights-wave-running = Under way
insights-exempt-until = until { $until }
insights-exempt-for-good = for good
insights-approved-by = approved by { $name }
insights-about = About this campaign
insights-end-of-life = End of life
insights-reason = Reason
insights-scope-rule = Scope
insights-scope-open = what the filter matches, also later
insights-scope-fixed = what the filter matched on the first day
insights-time-zone = Days end in
insights-recorded = History written
insights-not-recorded = not yet
insights-next-record = Next
insights-live-note = Today's numbers are counted when the page is made; earlier days are as they were seen last on that day.
