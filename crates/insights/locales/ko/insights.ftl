### 인사이트 페이지의 글.

## 캠페인
insights-nav-campaigns = 캠페인
insights-campaigns-lead = 정해진 날까지 옮겨야 하는 것: 지원 종료, 업그레이드, 마이그레이션. 급한 것부터 보여 드려요.
insights-campaigns-none = 캠페인이 없어요
insights-campaigns-none-next = 캠페인은 엔티티예요. 카탈로그 소스에 이런 문서를 넣어 보세요.
insights-json = JSON
insights-csv = 남은 대상 CSV
insights-campaign = 캠페인
insights-status = 상태
insights-progress = 진행률
insights-remaining = 남음
insights-done = 완료
insights-exempt = 예외
insights-deadline = 마감일
insights-forecast = 예상 완료
insights-owner = 소유자
insights-definition = 정의
insights-problems = 문제
insights-problem-count = 문제 { $count }건
insights-more = { $count }개 더 있음
insights-missing = 없음

## 상태
insights-standing-invalid = 잘못됨
insights-standing-overdue = 기한 지남
insights-standing-at-risk = 위험
insights-standing-on-track = 순조로움
insights-standing-planned = 예정
insights-standing-empty = 대상 없음
insights-standing-finished = 끝남

## 날짜
insights-day = 날짜
insights-today = 오늘
insights-in-days = { $count }일 남음
insights-days-ago = { $count }일 지남

## 예상
insights-cannot-say = 알 수 없음
insights-forecast-finished = 그날부터 남은 것이 없어요
insights-forecast-on-time = 마감일에 끝나요. 일주일에 { $pace }개씩 줄어요
insights-forecast-early = 마감보다 { $days }일 일러요. 일주일에 { $pace }개씩 줄어요
insights-forecast-late = 마감보다 { $days }일 늦어요. 일주일에 { $pace }개씩 줄어요
insights-unknown-too-little = 2주 안에 일주일 이상 걸친 사흘의 기록이 필요해요
insights-unknown-not-falling = 2주 동안 줄지 않았어요
insights-unknown-too-far = 이 속도로는 10년이 넘게 걸려요
insights-unknown-no-targets = 할 일이 없어요

## 캠페인 하나
insights-unmeasured = 이 캠페인은 잴 수 없어요
insights-unmeasured-next = 위에 적힌 대로 문서를 고치면 저절로 다시 읽어요.
insights-done-of = { $total }개 가운데 { $done }개 완료
insights-until = { $deadline }까지
insights-removed-note = 카탈로그에서 { $count }개 삭제됨
insights-burndown = 번다운
insights-burndown-describe = 처음 잰 날에는 { $first }개, 오늘은 { $remaining }개가 남았어요. 이상적인 선은 { $deadline }에 0이 돼요.
insights-ideal = 이상적인 선
insights-scope = 대상
insights-teams = 팀별 현황
insights-team = 팀
insights-teams-note = 그룹은 아래 그룹이 맡은 것까지 세고, 엔티티마다 한 번만 세요.
insights-no-targets = 필터에 맞는 엔티티가 없어요
insights-nobody = 소유자 없음
insights-remaining-entities = 남은 엔티티
insights-remaining-none = 남은 것이 없어요
insights-entity = 엔티티
insights-wave = 차수
insights-waves = 차수
insights-wave-rest = 차수 없음
insights-wave-share = 전체의 { $share }%
insights-wave-running = 진행 중
insights-exempt-until = { $until }까지
insights-exempt-for-good = 계속
insights-approved-by = { $name } 승인
insights-about = 캠페인 정보
insights-end-of-life = 지원 종료
insights-reason = 이유
insights-scope-rule = 범위
insights-scope-open = 필터에 맞는 것, 나중에 생긴 것도 포함
insights-scope-fixed = 첫날 필터에 맞은 것
insights-time-zone = 하루의 기준
insights-recorded = 기록한 때
insights-not-recorded = 아직 없음
insights-next-record = 다음 기록
insights-live-note = 오늘 숫자는 페이지를 만들 때 세고, 지난 날은 그날 마지막으로 본 숫자예요.
