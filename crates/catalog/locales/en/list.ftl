# The list at another time, and views of teams
catalog-empty-then = There was nothing in the catalog then
catalog-empty-then-next = Portway knew of no entity at that time. Choose a later one, or go back to now.
catalog-view-for = Who sees it
catalog-view-for-me = Only me
catalog-view-for-help = Everybody in the group sees the view, and may rename and remove it.
catalog-view-of-team = { $name } · { $team }
catalog-kind-campaigns = Campaigns
catalog-comparison-nothing = nothing
catalog-tab-unknown = { $name } has no page “{ $tab }”
catalog-tab-unknown-next = These pages are there:
