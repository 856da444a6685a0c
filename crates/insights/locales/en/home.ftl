## Home page
insights-home-title = Campaigns
insights-home-all = Show all
insights-home-remaining =
    { $count ->
        [one] { $count } remains
       *[other] { $count } remain
    }
insights-home-mine =
    { $count ->
        [one] { $count } of yours remains
       *[other] { $count } of yours remain
    }
