# 다른 때의 목록과 팀 보기
catalog-empty-then = 그때는 카탈로그에 아무것도 없었어요
catalog-empty-then-next = 그 시점에 알려진 엔티티가 없어요. 더 나중을 고르거나 지금으로 돌아가세요.
catalog-view-for = 볼 수 있는 사람
catalog-view-for-me = 나만
catalog-view-for-help = 그룹에 속한 사람이 모두 보고, 이름을 바꾸거나 지울 수 있어요.
catalog-view-of-team = { $name } · { $team }
catalog-kind-campaigns = 캠페인
catalog-comparison-nothing = 없음
catalog-tab-unknown = { $name }에는 “{ $tab }” 페이지가 없어요
catalog-tab-unknown-next = 볼 수 있는 페이지예요.
