### 카탈로그 페이지의 글. 키는 페이지별로 묶는다.

## 레일과 종류
catalog-nav-components = 컴포넌트
catalog-nav-apis = API
catalog-nav-resources = 리소스
catalog-nav-systems = 시스템
catalog-nav-domains = 도메인
catalog-nav-groups = 그룹
catalog-nav-users = 사용자
catalog-nav-templates = 템플릿
catalog-nav-sources = 소스
catalog-kind-locations = 위치
catalog-kind-ai-resources = AI 리소스

## 목록의 엔티티
catalog-flawed = 오류 있음

## 소스의 상태
catalog-source-held = 삭제 { $count }건 보류
catalog-source-limited = 요청 한도 초과
catalog-source-limited-until = { $time }까지 요청 한도 초과
catalog-source-failed = 실패
catalog-source-reading = 읽는 중
catalog-source-late = 늦어짐
catalog-source-waiting = 대기 중
catalog-source-flawed = 문제 { $count }건
catalog-source-fine = 정상

## 목록
catalog-name = 이름
catalog-kind = 종류
catalog-type = 유형
catalog-owner = 소유자
catalog-owner-me = 나와 내 그룹
catalog-lifecycle = 수명 주기
catalog-system = 시스템
catalog-tag = 태그
catalog-tags = 태그
catalog-namespace = 네임스페이스
catalog-source = 소스
catalog-views = 저장된 보기
catalog-view-all = 전체
catalog-view-mine = 내 것
catalog-view-orphans = 고아
catalog-view-ownerless = 소유자 없음
catalog-view-errors = 오류 있음
catalog-search-button = 검색
catalog-limit = 쪽마다 줄 수
catalog-export = 내보내기
catalog-as-of = { $time } 기준
catalog-caption = { $total }개 중 { $found }개 · { $ms }ms
catalog-missing = 카탈로그에 없음
catalog-chip = { $name }: { $value }
catalog-chip-text = 글자: { $text }
catalog-without = { $filter } 조건 빼기
catalog-first-page = 첫 쪽으로 가기
catalog-results = { $count }개
catalog-empty = 카탈로그가 비어 있어요
catalog-empty-next = 서비스를 설명하는 파일이 있는 곳을 Portway에 알려 주세요.
catalog-empty-mine = 내 것이 아직 없어요
catalog-empty-mine-next = spec.owner가 나이거나 내 그룹인 것이 여기에 보여요.
catalog-empty-fine = 걱정할 것이 없어요
catalog-empty-fine-next = 이런 상태인 엔티티가 없어요.
catalog-empty-narrow = 모든 조건에 맞는 것이 없어요
catalog-empty-narrow-next = 조건을 하나 빼면 더 보여요.

## 시간 여행
catalog-past = { $time } 기준의 카탈로그예요
catalog-past-note = 그 뒤에 바뀐 것은 보이지 않아요.
catalog-past-now = 지금으로 돌아가기

## 관계 (대상 위의 제목)
catalog-relation-depends-on = 의존하는 것
catalog-relation-dependency-of = 이것에 의존하는 것
catalog-relation-provides-api = 제공하는 API
catalog-relation-api-provided-by = 제공하는 곳
catalog-relation-consumes-api = 사용하는 API
catalog-relation-api-consumed-by = 사용하는 곳
catalog-relation-part-of = 상위
catalog-relation-has-part = 구성 요소
catalog-relation-on-call = 당직
catalog-relation-on-call-for = 당직을 서는 대상
catalog-relation-owned-by = 소유자
catalog-relation-owner-of = 소유한 것
catalog-relation-member-of = 소속
catalog-relation-has-member = 구성원
catalog-relation-child-of = 상위 그룹
catalog-relation-parent-of = 하위 그룹
catalog-relation-scaffolded-from = 만든 템플릿
catalog-relation-scaffolder-of = 이 템플릿으로 만든 것

## 엔티티
catalog-tab-overview = 개요
catalog-tab-relations = 관계
catalog-tab-raw = 원본
catalog-tab-history = 이력
catalog-edit = 편집
catalog-errors = 오류 { $count }건
catalog-notice-errors = 이 엔티티에 오류가 { $count }건 있어요
catalog-notice-errors-note = 마지막으로 올바르던 내용을 보여 드려요.
catalog-notice-errors-link = 오류 보기
catalog-notice-conflicts-link = 두 곳 모두 보기
catalog-notice-orphan = 더는 선언되어 있지 않아요
catalog-notice-orphan-note = 파일에서 사라졌어요. 삭제를 확인할 때까지 남아 있어요.
catalog-notice-orphan-link = 소스 열기
catalog-notice-dangling = 소유자 { JOSA($owner, "이/가") } 카탈로그에 없어요
catalog-notice-dangling-note = 그룹을 추가하거나 { $place }의 spec.owner를 고치세요.
catalog-notice-ownerless = 소유자가 없어요
catalog-notice-ownerless-note = { $place }에 spec.owner를 적으세요.
catalog-problems = 문제
catalog-conflicts = 두 번 넘게 선언됨
catalog-conflicts-note = 두 곳이 같은 종류, 네임스페이스, 이름을 써요. 하나의 이름을 바꾸거나 지우세요.
catalog-conflict-shown = 보이는 것:
catalog-conflict-hidden = 빠진 것:
catalog-conflict-since = { $time}부터
catalog-description = 설명
catalog-purpose = 용도
catalog-definition = 정의, { $type }
catalog-definition-title = API 정의
catalog-definition-cut = 전체 { $lines }줄 가운데 앞부분만 보여 드려요.
catalog-definition-all = 모두 보기
catalog-members-none = 구성원이 없어요
catalog-members-none-next = 그룹의 spec.members나 사용자의 spec.memberOf에 적으세요.
catalog-relations-none = 관계가 없어요
catalog-relations-none-next = 파일에 spec.dependsOn, spec.providesApis, spec.system을 적으세요.
catalog-graph = 그래프
catalog-more = { $count }개 더
catalog-about = 정보
catalog-about-of = { $name } 정보
catalog-domain = 도메인
catalog-part-of = 상위
catalog-email = 이메일
catalog-repository = 저장소
catalog-links = 링크
catalog-declared = 선언된 곳
catalog-file = 파일
catalog-commit = 커밋
catalog-created = 처음 본 때
catalog-changed = 바뀐 때
catalog-labels = 레이블
catalog-annotations = 주석
catalog-annotations-show = 주석 { $count }개 보기

## 없는 엔티티
catalog-unknown-next = 종류, 네임스페이스, 이름을 확인하거나 카탈로그에서 찾아보세요.
catalog-unknown-near = 혹시 이것을 찾으셨나요?
catalog-gone = { $time }에 삭제되었어요.
catalog-gone-history = 이력 보기

## 소스
catalog-sources-lead = 카탈로그가 어디에서 오고 각 곳이 어떤 상태인지 보여 드려요.
catalog-sources-attention = 확인 필요
catalog-status = 상태
catalog-entities = 엔티티
catalog-age = 경과
catalog-next = 다음 새로 고침
catalog-next-running = 지금 읽는 중
catalog-next-none = 예정 없음
catalog-json = JSON
catalog-origin = 출처
catalog-origin-path = 명령줄
catalog-origin-config = 설정
catalog-origin-api = 등록
catalog-origin-provider = { JOSA($name, "이/가") } 찾음
catalog-target = 대상
catalog-declared-by = 선언한 사람
catalog-declared-at = 선언한 때
catalog-last-success = 마지막 성공
catalog-last-attempt = 마지막 시도
catalog-took = 걸린 시간
catalog-milliseconds = { $ms }ms
catalog-failures = 연속 실패
catalog-refresh = 지금 새로 고침
catalog-refresh-off = 소스를 새로 고칠 권한이 없어요. 관리자에게 요청하세요.
catalog-source-error = 마지막 새로 고침에서 다 읽지 못했어요
catalog-source-error-note = 전에 읽은 것은 그대로 두고 얼마나 지났는지 함께 보여 드려요.
catalog-problems-none = 문제 없음
catalog-problems-cut = { $count }건 가운데 처음 500건만 보여 드려요.
catalog-open-file = 파일 열기
catalog-held = 보류된 삭제
catalog-held-note = 엔티티 { $count }개가 소스에서 사라진 것을 { $time }에 알았어요. 소스의 큰 부분이라 확인 없이 지우지 않아요.
catalog-held-confirm = 엔티티 { $count }개 삭제
catalog-held-confirmed = { JOSA($name, "이/가") } 확인했어요. 다음 새로 고침 때 지워져요.
catalog-held-off = 엔티티를 지울 권한이 없어요. 관리자에게 요청하세요.
catalog-budget = 요청 한도
catalog-budget-host = 호스트
catalog-budget-credential = 자격 증명
catalog-budget-left = { $limit }건 중 { $remaining }건 남음
catalog-budget-reset = 초기화 시각
catalog-budget-wait = 대기 종료
catalog-budget-requests = 요청
catalog-budget-unchanged = { $requests }건, 그중 변화 없음 { $unchanged }건

## 소스를 읽는 까닭
catalog-reason-started = Portway 시작
catalog-reason-schedule = 정해진 일정에 따라 변경 확인
catalog-reason-watched = 감시 중이며 가끔 변경 확인
catalog-reason-interval = 가끔 변경 확인
catalog-reason-registered = { $name } 등록
catalog-reason-asked = { $name } 요청
catalog-reason-moved = { $name } 위치 변경
catalog-reason-confirmed = { $name } 삭제 확인
catalog-reason-again = 다시 시도: { $why }
catalog-reason-free = { $name } 이름이 비었음
catalog-reason-changed = { $name } 변경됨

## 관계
catalog-depth = 깊이
catalog-graph-title = { $name }의 관계
catalog-graph-list = 같은 내용의 목록
catalog-graph-legend = 왼쪽이 쓰는 쪽, 오른쪽이 쓰이는 쪽이에요.
catalog-relation = 관계
catalog-impact = { JOSA($name, "이/가") } 멈추면
catalog-impact-none = 함께 멈추는 것이 없어요
catalog-impact-none-next = 이것이 필요하다고 선언한 엔티티가 없어요.

## 원본
catalog-format = 형식
catalog-api = API
catalog-raw-cut = 앞부분만 보여 드려요. 전체는 위 링크에 있어요.

## 이력
catalog-versions = 버전
catalog-version = 버전
catalog-when = 언제
catalog-who = 누가
catalog-change = 변경
catalog-change-created = 생성
catalog-change-updated = 변경
catalog-change-deleted = 삭제
catalog-actions = 동작
catalog-compare = 비교
catalog-compare-version = { $version } 버전을 이전 버전과 비교
catalog-show-then = 그때 보기
catalog-show-version = 그때 보기: 버전 { $version }
catalog-diff = 차이
catalog-diff-from = 이전
catalog-diff-to = 이후
catalog-diff-caption = 버전 { $from }에서 { $to }까지
catalog-diff-same = 두 버전이 같아요

## 표와 변경
catalog-table = 표: { $name }
catalog-never-read = 아직 읽지 않음
catalog-changes = 최근 변경
catalog-change-by = 버전 { $version } · { $name }
catalog-unknown-what = { JOSA($name, "이/가") } 카탈로그에 없어요
catalog-gone-what = { JOSA($name, "은/는") } 삭제되었어요
catalog-card-failed = 이 카드를 그리지 못했어요
catalog-tab-empty = 보여 드릴 것이 없어요
