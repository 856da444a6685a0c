## Home
home-title-mine = What needs you
home-title-all = What needs attention
home-aside = Overview and shortcuts
home-begin = Begin here
home-empty = The catalog is empty
home-empty-next = Point Portway at files that describe your services:
home-queue-mine = Waiting for you
home-queue-all = Waiting for somebody
home-queue-none = Nothing waits
home-queue-none-next = No errors, no conflicts, no held deletions, and every source is read.
home-name = Name
home-status = Status
home-type = Type
home-tier = Tier
home-lifecycle = Lifecycle
home-owner = Owner
home-changed = Last change
home-changes = Changed lately
home-changes-none = Nothing has changed lately
home-changes-none-next = New, changed and removed entities are listed here, with what changed in them.
home-starred = Starred
home-starred-none = Nothing is starred
home-starred-none-next = Press the star on the page of a thing, and it is one click away.
home-recent = Recent
home-kinds = In the catalog
home-all = Show all
home-sources = Sources
home-sources-none = No sources
home-sources-fine = All are read without errors
home-sources-need =
    { $count ->
        [one] { $count } needs attention
       *[other] { $count } need attention
    }

## Shell
shell-settings = Settings
