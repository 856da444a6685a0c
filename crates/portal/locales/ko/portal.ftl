### 셸과 컴포넌트의 글. 키는 앞말로 묶여 있다.

## 셸
shell-skip = 본문으로 건너뛰기
shell-navigation = 주 메뉴
shell-menu-open = 메뉴 열기
shell-menu-close = 메뉴 닫기
shell-search = 검색하거나 명령 실행
shell-appearance = 화면 모양
shell-account = 계정: { $name }
shell-profile = 내 페이지
shell-sign-in = 로그인
shell-sign-out = 로그아웃
copied = 복사했어요
theme-system = 시스템 설정 따르기
theme-light = 밝게
theme-dark = 어둡게
contrast-more = 고대비
keys-on = 키보드 단축키
density-compact = 촘촘하게 보기
gate-foot = Portway, Apache-2.0 오픈 소스

## 레일
nav-home = 홈
nav-catalog = 카탈로그
nav-create = 만들기
nav-deliver = 배포
nav-operate = 운영
nav-improve = 개선
nav-learn = 배우기

## 시간
ago-now = 방금
ago-seconds = { $n }초 전
ago-minutes = { $n }분 전
ago-hours = { $n }시간 전
ago-days = { $n }일 전
ago-months = { $n }개월 전
ago-years = { $n }년 전
age-seconds = { $n }초
age-minutes = { $n }분
age-hours = { $n }시간
age-days = { $n }일
age-months = { $n }개월
age-years = { $n }년
until-now = 지금
until-seconds = { $n }초 뒤
until-minutes = { $n }분 뒤
until-hours = { $n }시간 뒤
until-days = { $n }일 뒤
until-months = { $n }개월 뒤
until-years = { $n }년 뒤

## 데이터의 출처
fresh-now = { $time } · 출처 { $source }
fresh-now-next = { $time } · 출처 { $source } · 다음 읽기 { $next }
fresh-stale = { $time } 전 값 · 출처 { $source }
fresh-stale-next = { $time } 전 값 · 출처 { $source } · { $next } 다시 시도
fresh-never = 아직 읽지 않았어요 · 출처 { $source }
fresh-never-next = 아직 읽지 않았어요 · 출처 { $source } · { $next } 다시 시도

## 컴포넌트
crumbs-label = 현재 위치
facets-label = 필터
facets-apply = 필터 적용
chips-remove = 필터 { $filter } 빼기
chips-clear = 모두 지우기
pager-label = 쪽 이동
pager-rows = 전체 { $total }개 가운데 { $first }–{ $last }
pager-previous = 이전
pager-next = 다음
problem-error = 오류:
problem-warning = 경고:
problem-accepted = 쓸 수 있는 값:
problem-fix = 고치는 법:
tree-fold = { $name } 아래
code-copy = 복사
code-cut = 처음 20,000줄만 보여 드려요.
diff-old = 예전 줄
diff-new = 새 줄
diff-change = 변경
diff-line = 내용
diff-summary = { $added }줄 추가, { $removed }줄 삭제
diff-equal = 같은 줄 { $count }개
diff-cut = 나머지는 너무 길어서 여기서 비교하지 않아요.

## 오류: 무슨 일인지, 다음에 할 일
error-400 = 주소나 양식에 쓸 수 없는 값이 있어요
error-400-next = 돌아가서 고쳐 주세요.
error-401 = 로그인하면 볼 수 있어요
error-401-next = 로그인하면 이 페이지로 돌아와요.
error-403 = 이 페이지를 볼 권한이 없어요
error-403-next = 소유 팀에 권한을 요청하거나 다른 계정으로 로그인하세요.
error-404 = 그런 페이지가 없어요
error-404-next = 주소를 확인하거나 카탈로그에서 찾아보세요.
error-405 = 이 주소로는 그 일을 할 수 없어요
error-405-next = 해당 페이지의 버튼을 쓰세요.
error-409 = 그사이에 다른 사람이 바꿨어요
error-409-next = 페이지를 다시 열고 변경을 다시 하세요.
error-429 = 요청이 너무 많아요
error-429-next = 1분 뒤에 페이지를 다시 여세요.
error-4xx = 이 요청에는 답할 수 없어요
error-4xx-next = 돌아가서 다시 해 보세요.
error-500 = Portway가 이 페이지를 만들지 못했어요
error-500-next = 잃은 것은 없어요. 페이지를 다시 열고, 그래도 안 되면 Portway 운영 팀에 요청 번호를 알려 주세요.
error-503 = Portway가 아직 준비되지 않았어요
error-503-next = 시작하고 있거나 데이터베이스가 답하지 않아요. 몇 초 뒤에 다시 여세요.
error-home = 홈
error-status = 상태 { $status }
error-request = 요청 번호 { $id }

## 로그인
login-title = 로그인
login-title-for = { $name }에 로그인
login-lead = 무엇을 누가 맡고 있는지 한곳에서 찾아요.
login-guest = 손님으로 둘러보기
login-guest-note = { JOSA($name, "으로/로") } 로그인해요. 이 컴퓨터에서 시험할 때만 쓸 수 있어요.
login-or = 또는
login-token = 접근 토큰
login-token-help = 만드는 법: portway token create
login-token-button = 토큰으로 로그인
login-none = 설정된 로그인 방법이 없어요
login-none-next = Portway를 시작한 사람은 portway up이 출력한 링크를 여세요. 링크는 15분 동안 한 번만 쓸 수 있어요. 다른 사람도 로그인하게 하려면 app-config.yaml에 auth.providers를 쓰세요.
login-facts = 제공자가 알려 준 정보


## 차트
age-milliseconds = { $n }ms
number-thousand = 천
number-million = 백만
number-billion = 십억
number-ten-thousand = 만
number-hundred-million = 억
date-day = { $month }월 { $day }일
date-month = { $year }년 { $month }월
chart-table = 표로 보기
chart-table-of = { $title } 표
chart-empty = 이 기간에는 값이 없어요
chart-gap = –
chart-rest = 그 밖
chart-starts-at = 축은 { $value }부터 시작해요.
chart-cut = 나머지 { $count }줄은 넣지 않았어요.
chart-desc = { $name }: 처음 { $first }, 마지막 { $last }, 최저 { $low }, 최고 { $high }.

## 레이더
radar-desc = 항목이 { $count }개예요. 가운데에 가까울수록 더 믿고 써요. 아래 목록에도 같은 내용이 있어요.
radar-same = 변화 없음
radar-in = 안쪽으로
radar-out = 바깥으로
radar-new = 새 항목
radar-none = 항목 없음
stat-up = 오름
stat-down = 내림

## 양식
form-optional = 선택
form-choose = 하나 고르기
form-errors = { $count ->
    [one] 한 가지를 고치면 다음으로 갈 수 있어요
   *[other] { $count }가지를 고치면 다음으로 갈 수 있어요
}
form-add = { $name } 추가
form-remove = { $name } { $number } 빼기
form-up = { $name } { $number } 위로
form-list-empty = 아직 없어요
form-refresh = 고른 값에 맞는 항목 보기
form-steps = 단계
form-back = 이전

## 대화 상자와 패널
dialog-close = 닫기
dialog-cancel = 취소
dialog-type = 계속하려면 { JOSA($text, "을/를") } 입력하세요
panel-retry = 다시 시도
step-waiting = 대기
step-running = 실행 중
step-done = 완료
step-failed = 실패
step-skipped = 건너뜀
steps-done = { $all }단계 가운데 { $done }단계 완료
log-of = { $name } 로그
log-search = 로그에서 찾기
log-search-in = { $name } 로그에서 찾기
log-found = { $count }줄을 찾았어요
log-all = 모든 줄
log-download = 내려받기
log-live = 실시간
log-empty = 줄이 없어요
log-cut = 앞의 { $count }줄은 넣지 않았어요.

## 팔레트, 단축키, 임시 글
shell-offline = 연결이 끊겼어요. 지금 보이는 것은 끊기기 전 값이고, 쓰던 글은 남아 있어요.
palette-results = 결과
palette-recent = 최근
palette-failed = 검색이 답하지 않아요. 엔터를 누르면 검색 페이지를 열어요.
palette-open = 열기
palette-secondary = 소유 팀 열기
palette-complete = 완성
palette-actions = 작업
palette-teams = 팀
palette-tags = 태그
palette-help = 도움말
palette-none = ‘{ $query }’에 맞는 것이 없어요
palette-count = 결과 { $count }개
palette-status = 결과 { $count }개, { $ms }ms
keys-help = 단축키 보기
keys-title = 키보드 단축키
keys-search = 이 페이지에서 또는 전체에서 찾기
keys-rows = 다음 줄, 이전 줄
keys-note = 글자 하나로 된 단축키는 화면 모양 메뉴에서 끌 수 있어요.
draft-title = 쓰던 글을 되살렸어요
draft-text = 아직 보내지 않은 글이에요. 시크릿과 파일은 다시 넣어 주세요.
draft-discard = 버리기

## 의존 관계 그림
graph-region = { $title }, 스크롤할 수 있어요
graph-desc = 항목 { $nodes }개와 관계 { $edges }개예요. 왼쪽이 쓰는 쪽, 오른쪽이 쓰이는 쪽이에요. 목록에도 같은 내용이 있어요.
graph-more = 그 밖에 { $count }개
graph-more-in = { $group }에 { $count }개 더

## 갤러리
gallery-title = 디자인 시스템
gallery-lead = 모든 컴포넌트의 모든 상태예요. 데이터는 지어낸 것이에요.
gallery-name = 이름
gallery-owner = 소유 팀
gallery-health = 상태
gallery-level = 레벨
gallery-actions = 작업
gallery-ok = 정상
gallery-info = 배포 중
gallery-neutral = 알 수 없음
gallery-warn = 느림
gallery-bad = 저하
gallery-edit = 편집
gallery-act = 되돌리기
gallery-off = team-payments만 할 수 있어요. 권한을 요청하세요.
gallery-text = 줄이 어떻게 나뉘는지 볼 수 있는 보통 길이의 문장이에요.
gallery-empty = tier:1에 맞는 것이 없어요
gallery-loading = OpenCost에서 비용을 가져오고 있어요…
gallery-list = 같은 내용의 목록
gallery-goal = 목표
gallery-week = 주
gallery-golden = 골든 패스
gallery-form = 양식
gallery-wrong = 1024보다 큰 수를 쓰세요. 예: 8080
gallery-parts = 차례
shell-view-as = { $name }의 눈으로 Portway를 보고 있어요
shell-view-as-note = 보기만 하고 바꿀 수는 없어요. 시작하고 30분이 지나면 저절로 끝나요.
shell-view-as-end = 그만 보기
