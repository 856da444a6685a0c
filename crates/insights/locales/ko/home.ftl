## Home page
insights-home-title = 캠페인
insights-home-all = 모두 보기
insights-home-remaining = { $count }개 남음
insights-home-mine = 우리 팀 것 { $count }개 남음
