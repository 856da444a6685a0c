### 관계 그림, 경로, 사람, 별표에 관한 글.

catalog-nav-graph = 그래프
catalog-tab-graph = 의존 관계

## 그림에 보이는 것
graph-mode = 볼 내용
graph-mode-deps = 의존 관계
graph-mode-impact = 영향
graph-mode-all = 모든 관계
graph-way = 방향
graph-way-both = 양방향
graph-way-down = 쓰는 것
graph-way-up = 쓰는 쪽
graph-depth-all = 전체
graph-cluster = 묶음 틀
graph-cluster-system = 시스템별
graph-cluster-none = 틀 없음
graph-filter = 관계와 종류
graph-filter-relations = 관계
graph-filter-kinds = 이 종류만
graph-filter-apply = 적용
graph-filter-clear = 처음대로
graph-opened = 펼친 묶음
graph-size = 항목 { $nodes }개, 관계 { $edges }개
graph-many = 가까운 것만 그리고 나머지는 묶었어요.
graph-none = 닿는 것이 없어요
graph-circle = 의존 관계가 돌고 돌아요
graph-circle-note = 서로가 있어야 시작할 수 있어요. 그림에 이 관계를 표시했어요.
graph-cyclic = 순환
graph-cut = 더 있어요
graph-cut-note = 가까운 5,000개까지만 살펴요. 깊이나 관계를 줄이세요.
graph-tree-uses = 쓰는 것
graph-tree-used-by = 쓰는 쪽
graph-tree-above = 위에 있음

## 함께 멈추는 것
graph-impact-caption = 함께 멈추는 것, 티어와 소유자 순서
graph-impact-teams = 영향받는 소유자
graph-impact-strictest = 가장 높은 티어
graph-impact-count = 영향받는 수
graph-impact-nobody = 소유자 없음
graph-impact-mail = 모든 소유자에게 메일
graph-impact-subject = { JOSA($name, "이/가") } 멈출 수 있어요
graph-impact-copy = 표로 복사
graph-impact-text = 채팅이나 이슈에 붙일 표

## 경로
graph-path = 다른 엔티티까지의 경로
graph-path-to = 도착
graph-path-find = 경로 찾기
graph-path-same = 같은 엔티티예요.
graph-path-down = { $from }에 { JOSA($to, "이/가") } 필요해요
graph-path-up = { $to }에 { JOSA($from, "이/가") } 필요해요
graph-path-any = 관련은 있지만 서로 필요하지는 않아요
graph-path-none = { JOSA($from, "과/와") } { JOSA($to, "을/를") } 잇는 것이 없어요
graph-path-none-next = 어느 방향으로도 이어지는 관계가 없어요.
graph-path-both-need = 둘 다 필요한 것
graph-path-need-both = 둘 다 필요로 하는 쪽
graph-lookup-which = 어느 { $name }?
graph-lookup-none = { JOSA($name, "이라는/라는") } 엔티티가 없어요
graph-lookup-example = payment-service
graph-lookup-none-next = payment-service 같은 이름이나 api:default/payments 같은 참조를 쓰세요.

## 그래프 페이지
graph-explore-title = 그래프
graph-explore-lead = 고른 엔티티 주변의 관계를 보여 드려요. 여러 개를 더하면 그 사이가 보여요.
graph-explore-add = 엔티티 추가
graph-explore-unknown = { JOSA($name, "이/가") } 카탈로그에 없어요
graph-explore-empty = 아직 고른 것이 없어요
graph-explore-empty-next = 이름으로 엔티티를 더하거나 아래에서 시작하세요.
graph-explore-open = 그래프에서 열기

## 별표
star-on = 별표
star-off = 별표 빼기
star-sign-in = 로그인하고 별표하기

## 그룹과 사람
people-direct = 직접
people-nested = 하위 그룹 포함
people-members-scope = 구성원 범위
people-owned-scope = 소유 범위
people-groups-above = 위 그룹을 통해 속한 그룹
people-tree = 상위와 하위 그룹
people-owned-none = 소유한 것이 없어요
people-owned-none-next = 속한 엔티티의 spec.owner에 이름을 쓰세요.
people-owned-groups = 속한 그룹이 소유한 것
people-health = 소유한 것의 상태
people-errors = 오류 있음
people-orphans = 더 이상 선언되지 않음
people-ownerless = 소유한 시스템 안의 소유자 없는 것
people-none = 없음

## 시스템과 도메인
diagram-inside = 구성
diagram-title = { JOSA($name, "과/와") } 연결된 것
diagram-none = 구성 요소가 없어요
diagram-none-next = 속한 엔티티의 spec.system이나 spec.domain에 이름을 쓰세요.
diagram-outwards = 밖을 쓰는 관계
diagram-inwards = 밖에서 쓰는 관계
diagram-legend = 틀이 경계예요. 왼쪽이 쓰는 쪽, 오른쪽이 쓰이는 쪽이에요.
diagram-hidden = 그리지 않은 구성 요소가 { $count }개 더 있어요.
diagram-offered = 밖에서 쓰는 API
diagram-users = 사용처 { $count }곳
diagram-inner-apis = 밖에서 쓰지 않는 API가 { $count }개 있어요.

## 이력
history-look = 차이를 보는 방법
history-look-inline = 한 줄로
history-look-side = 나란히
